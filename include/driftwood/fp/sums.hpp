#pragma once

#include <span>
#include <utility>

namespace driftwood::fp {

/// Sum of values, pair by pair: its error does not grow with their number.
double pairwise_sum(std::span<const double> values);

/// A sum of masses with the same bits in whatever order they are added, if they are not negative and add up to no more
/// than 2, and are fewer than 2^26: every mass is split into a multiple of 2^-52 (`upper`) and a multiple of 2^-80
/// (`lower`; what is below is left out), and so are sums, without any rounding.
struct OrderlessSum {
  double upper = 0;
  double lower = 0;
};
/// Adds the sum over a row of masses; and every mass to its column's sum, where the arrays are not null.
void add_row(std::span<const double> masses, OrderlessSum& sum, double* upper_of_columns, double* lower_of_columns);

/// The smallest and the largest of the values; 0 and 0 of none.
std::pair<double, double> range_of(std::span<const double> values);
/// The largest value where the weight is above `threshold`, or 0. As many weights as values.
double largest_where(std::span<const double> values, std::span<const double> weights, double threshold);

}  // namespace driftwood::fp
