#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftwood::sweep {

/// 64-bit hash: FNV-1a, its bits mixed by the finaliser of splitmix64 so that the low 32 serve as a key of their own.
std::uint64_t content_hash(std::string_view bytes);

/// 16 hexadecimal digits.
std::string hex_digits(std::uint64_t value);

/// The hash of what defines a point: its canonical "key=value" lines.
std::uint64_t identity_hash(const std::vector<std::pair<std::string, std::string>>& canonical);

/// The key of a point's random streams: hash of what defines the path of a replica (data, network, initial weights,
/// training, repeat). Points that differ only in closures, grids, comparison, or in how many replicas are watched for
/// how long, look at the same replicas.
std::uint32_t ensemble_key(const std::vector<std::pair<std::string, std::string>>& canonical);

}  // namespace driftwood::sweep
