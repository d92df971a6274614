// Trainings with all that another implementation needs to repeat them, as one line of JSON each: network, rule, data,
// starting weights, the minibatches of every step, and the weights that driftwood ends with.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "driftwood/nn/minibatch.hpp"
#include "driftwood/nn/training.hpp"

namespace {

using namespace driftwood;

constexpr int n_samples = 40;
constexpr std::uint32_t n_steps = 60;
const CounterRandom random_numbers(17, 18);

data::Dataset normal_data(int n_features) {
  data::Dataset dataset{
      .name = "normal data", .feature_names = {}, .n_samples = n_samples, .n_features = n_features, .values = {}};
  for (int i = 0; i < n_samples * n_features; ++i)
    dataset.values.push_back(random_numbers.normal(RandomPurpose::subsample, i, 0, 0));
  return dataset;
}

std::vector<double> normal_parameters(const nn::Network& network) {
  std::vector<double> row;
  for (int i = 0; i < network.n_parameters(); ++i)
    row.push_back(0.4 * random_numbers.normal(RandomPurpose::initial_weights, i, 0, 0));
  for (const auto& [copy, master] : network.tied_pairs()) row[copy] = row[master];
  return row;
}

template <class Numbers>
void print(const char* name, const Numbers& numbers) {
  std::printf("\"%s\": [", name);
  const char* separator = "";
  for (const auto number : numbers) {
    std::printf("%s%.17g", separator, static_cast<double>(number));
    separator = ", ";
  }
  std::printf("], ");
}

void print_case(const nn::Network& network, const char* activation, const nn::SgdOptions& options, const char* rule) {
  const data::Dataset dataset = normal_data(network.widths[0]);
  std::vector<double> row = normal_parameters(network);
  std::printf("{\"activation\": \"%s\", \"rule\": \"%s\", \"biases\": %d, \"tied\": %d, ", activation, rule,
              network.biases ? 1 : 0, network.tied ? 1 : 0);
  print("widths", network.widths);
  print("data", dataset.values);
  print("start", row);
  std::vector<int> batches;
  for (std::uint32_t step = 0; step < n_steps; ++step)
    for (int sample : nn::minibatch_samples(options, n_samples, random_numbers, step, 0)) batches.push_back(sample);
  print("batches", batches);
  const nn::SgdTrainer trainer(network, dataset, options, random_numbers);
  std::vector<double> state(trainer.state_size(), 0.0);
  trainer.train(row, state, 0, 0, n_steps);
  print("end", row);
  std::printf(
      "\"steps\": %u, \"learning_rate\": %.17g, \"weight_decay\": %.17g, \"momentum\": %.17g, \"square_decay\": %.17g, "
      "\"epsilon\": %.17g}\n",
      n_steps, options.learning_rate, options.weight_decay, options.momentum, options.square_decay, options.epsilon);
}

}  // namespace

int main() {
  const std::pair<const char*, nn::Activation> activations[] = {{"linear", nn::Activation::linear},
                                                                {"tanh", nn::Activation::tanh},
                                                                {"relu", nn::Activation::relu},
                                                                {"gelu", nn::Activation::gelu},
                                                                {"sigmoid", nn::Activation::sigmoid}};
  const std::pair<const char*, nn::Optimiser> rules[] = {{"sgd", nn::Optimiser::sgd},
                                                         {"momentum", nn::Optimiser::momentum},
                                                         {"rmsprop", nn::Optimiser::rmsprop},
                                                         {"adam", nn::Optimiser::adam}};
  const std::vector<int> shapes[] = {{4, 1, 1, 4}, {8, 2, 2, 8}, {6, 3, 2, 2, 3, 6}, {20, 9, 2, 9, 20}};
  for (const auto& widths : shapes)
    for (const auto& [activation_name, activation] : activations)
      for (const auto& [rule_name, rule] : rules)
        for (int variant = 0; variant < 3; ++variant) {
          const nn::Network network{widths, activation, variant > 0, variant > 1};
          nn::SgdOptions options{.learning_rate = 0.04 / widths[0], .batch_size = 7, .weight_decay = 0.02};
          options.trained.assign(network.n_parameters(), 1);
          options.optimiser = rule;
          options.momentum = 0.8;
          options.square_decay = 0.95;
          options.sampling = variant == 1 ? nn::Sampling::epochs : nn::Sampling::replacement;
          print_case(network, activation_name, options, rule_name);
        }
  return 0;
}
