#pragma once

#include <string>

namespace driftwood::sweep {

/// All options by section for a terminal: key, default, unit, allowed values, meaning.
std::string options_text();

/// The same as a Markdown page (share/doc/options.md).
std::string options_markdown();

}  // namespace driftwood::sweep
