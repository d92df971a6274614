#include "driftwood/store/xdmf.hpp"

#include <algorithm>
#include <sstream>

#include "driftwood/store/commit.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

namespace {

/// The description of one point's densities.
class Description {
 public:
  Description(const NetcdfFile& file, std::string file_name, const NetcdfFile::Entry& density)
      : file_name_(std::move(file_name)), shape_(density.shape) {
    for (const NetcdfFile::Entry& entry : file.variables()) {
      if (entry.name == "closure") closures_ = std::get<std::vector<std::string>>(file.read(entry));
      if (entry.name == "time") times_ = std::get<std::vector<double>>(file.read(entry));
      if (entry.name == "frame_scale") scale_ = std::get<std::vector<double>>(file.read(entry));
    }
  }

  std::string text() {
    out_ << "<?xml version=\"1.0\"?>\n<Xdmf Version=\"2.0\">\n<Domain>\n";
    for (std::size_t c = 0; c < closures_.size(); ++c) {
      out_ << "<Grid Name=\"" << closures_[c] << "\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
      for (std::size_t s = 0; s < times_.size(); ++s)
        if (is_solved(c, s)) add_grid(c, s);
      out_ << "</Grid>\n";
    }
    out_ << "</Domain>\n</Xdmf>\n";
    return out_.str();
  }

 private:
  std::size_t dimension() const { return shape_.size() - 2; }
  bool is_solved(std::size_t c, std::size_t s) const {
    const double scale = scale_[(c * times_.size() + s) * dimension() * dimension()];
    return scale == scale;  // NaN where the closure has no density
  }

  static std::string joined(const std::vector<std::size_t>& numbers) {
    std::string text;
    for (const std::size_t number : numbers) text.append(text.empty() ? "" : " ").append(std::to_string(number));
    return text;
  }

  /// The part of `variable` (closure x snapshot x cells) that belongs to (c, s), as an array of shape `cells`.
  void add_slab(const std::string& variable, const std::vector<std::size_t>& cells, std::size_t c, std::size_t s) {
    std::vector<std::size_t> start{c, s}, stride(cells.size() + 2, 1), count{1, 1}, whole{shape_[0], shape_[1]};
    start.resize(cells.size() + 2, 0);
    count.insert(count.end(), cells.begin(), cells.end());
    whole.insert(whole.end(), cells.begin(), cells.end());
    out_ << "<DataItem ItemType=\"HyperSlab\" Dimensions=\"" << joined(cells) << "\">\n"
         << "<DataItem Dimensions=\"3 " << cells.size() + 2 << "\" Format=\"XML\">" << joined(start) << "  "
         << joined(stride) << "  " << joined(count) << "</DataItem>\n"
         << "<DataItem NumberType=\"Float\" Precision=\"8\" Format=\"HDF\" Dimensions=\"" << joined(whole) << "\">"
         << file_name_ << ":/" << variable << "</DataItem>\n</DataItem>\n";
  }

  void add_grid(std::size_t c, std::size_t s) {
    const std::vector<std::size_t> cells(shape_.begin() + 2, shape_.end());
    const bool flat = dimension() == 2;
    out_ << "<Grid GridType=\"Uniform\">\n<Time Value=\"" << times_[s] << "\"/>\n"
         << "<Topology TopologyType=\"" << (flat ? "2D" : "3D") << "RectMesh\" Dimensions=\"" << joined(cells)
         << "\"/>\n<Geometry GeometryType=\"" << (flat ? "VXVY" : "VXVYVZ") << "\">\n";
    // XDMF's x is the fastest axis, which is the last tracked weight.
    for (std::size_t k = dimension(); k-- > 0;)
      add_slab(std::string("w").append(std::to_string(k + 1)).append("_centre"), {cells[k]}, c, s);
    out_ << "</Geometry>\n<Attribute Name=\"density\" AttributeType=\"Scalar\" Center=\"Node\">\n";
    add_slab("density", cells, c, s);
    out_ << "</Attribute>\n</Grid>\n";
  }

  std::string file_name_;
  std::vector<std::size_t> shape_;
  std::vector<std::string> closures_;
  std::vector<double> times_;
  std::vector<double> scale_;
  std::ostringstream out_;
};

}  // namespace

void write_xdmf(const RunDirectory& run, const std::string& id) {
  const NetcdfFile file(run.point_file(id));
  const auto entries = file.variables();
  const auto density =
      std::find_if(entries.begin(), entries.end(), [](const auto& entry) { return entry.name == "density"; });
  if (density == entries.end() || density->shape.size() < 4 || density->shape.size() > 5) return;
  const bool is_sheared =
      std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.name == "marginal1"; });
  if (is_sheared) return;  // the cells are no rectangles in w, and XDMF's grids of oblique ones need every corner
  commit_text(run.points() + "/" + id + ".xdmf", Description(file, id + ".h5", *density).text());
}

}  // namespace driftwood::store
