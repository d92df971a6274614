#include "driftwood/nn/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driftwood/core/error.hpp"

namespace driftwood::nn {
namespace {

using testing::ElementsAre;

TEST(Network, LaysOutWeightsThenBiasesLayerByLayer) {
  const Network plain{{4, 1, 2, 4}, Activation::tanh, false};
  EXPECT_EQ(plain.n_parameters(), 4 + 2 + 8);
  EXPECT_EQ(plain.weight_offset(3), 6);
  const Network biased{{4, 1, 2, 4}, Activation::tanh, true};
  EXPECT_EQ(biased.n_parameters(), 5 + 4 + 12);
  EXPECT_EQ(biased.bias_offset(1), 4);
  EXPECT_EQ(biased.weight_offset(2), 5);
  EXPECT_EQ(biased.bias_offset(3), 5 + 4 + 8);
}

TEST(Network, TheBottleneckLayerIsTheSmallestMatrixNearestToTheMiddle) {
  EXPECT_EQ((Network{{4, 1, 1, 4}}.bottleneck_layer()), 2);
  EXPECT_EQ((Network{{16, 8, 2, 2, 8, 16}}.bottleneck_layer()), 3);
  EXPECT_EQ((Network{{3, 1, 3}}.bottleneck_layer()), 1);
  EXPECT_EQ((Network{{1, 1, 1, 1, 1, 1}}.bottleneck_layer()), 3);
}

TEST(Network, DescribesItself) {
  EXPECT_EQ((Network{{4, 1, 1, 4}, Activation::tanh, false}.describe()), "4-1-1-4 tanh");
  EXPECT_EQ((Network{{3, 2, 3}, Activation::linear, true}.describe()), "3-2-3 linear with biases");
}

TEST(Network, ATiedDecoderRepeatsTheEncoderTransposed) {
  const Network network{{3, 2, 2, 3}, Activation::tanh, false, true};
  // W1 is 2 x 3 from 0, W2 2 x 2 from 6 (free), W3 3 x 2 from 10.
  EXPECT_THAT(network.tied_pairs(), ElementsAre(std::pair(10, 0), std::pair(11, 3), std::pair(12, 1), std::pair(13, 4),
                                                std::pair(14, 2), std::pair(15, 5)));
  EXPECT_EQ((Network{{2, 1, 2}, Activation::linear, false, true}.tied_pairs().size()), 2u);
  EXPECT_THROW((Network{{3, 2, 1, 3}, Activation::tanh, false, true}.tied_pairs()), ConfigError);
}

TEST(TrackLayer, ListsTheMatrixRowByRow) {
  const TrackedWeights tracked = track_layer(Network{{3, 2, 1, 3}, Activation::tanh, true}, 2);
  EXPECT_THAT(tracked.positions, ElementsAre(8, 9));
  EXPECT_THAT(tracked.names, ElementsAre("W2[1,1]", "W2[1,2]"));
  EXPECT_EQ(tracked.dimension(), 2);
}

TEST(TrackListed, TakesWeightsAndBiasesOfAnyLayersInTheListsOrder) {
  const Network network{{3, 2, 1, 3}, Activation::tanh, true};
  const TrackedWeights tracked = track_listed(network, " W3[2,1],c1[2] W1[2, 3]");
  EXPECT_THAT(tracked.positions, ElementsAre(12, 7, 5));
  EXPECT_THAT(tracked.names, ElementsAre("W3[2,1]", "c1[2]", "W1[2,3]"));
}

TEST(TrackListed, RefusesWhatIsNotThereOrThereTwice) {
  const Network network{{3, 2, 2, 3}, Activation::tanh, false, true};
  for (const char* list : {"W1[3,1]", "W4[1,1]", "w1[1,1]", "c1[1]", "W1", "W1[1,1", "1", "", ",", "W1[1,1], W1[1,1]",
                           "W3[1,1]", "W1[1,1]W1[1,2]"})
    EXPECT_THROW(track_listed(network, list), ConfigError) << list;
}

}  // namespace
}  // namespace driftwood::nn
