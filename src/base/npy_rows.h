#pragma once
// Rows of a NumPy array (base/npy.h) one after the other: what does not fit into memory is written
// as it is made, and read where it is wanted.

#include <cstdint>
#include <fstream>

#include "base/digest.h"
#include "netdissect/base/error.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// Rows are not as they were written.
class DamagedRows : public Error {
 public:
  using Error::Error;
};

/// Writes a (rows, columns) array whose number of rows is known at its end. What was at the path
/// stays there until Commit; until then rows are in PATH.part, where another writer finds them.
class NpyRowWriter {
 public:
  NpyRowWriter(const Path& path, int64_t columns);
  /// Removes the part, unless rows of it were flushed.
  ~NpyRowWriter();

  /// Goes on behind the first `rows` rows of a writer that came to no end, of the digest that it
  /// had then. Before anything is added. DamagedRows where these are not there.
  void Continue(int64_t rows, const std::string& digest);
  /// `count` rows, one after the other.
  void Add(const float* rows, int64_t count);
  /// To the disk; how many rows there are.
  int64_t Flush();
  void Commit();
  /// Of the rows so far.
  std::string DigestOfRows() const { return digest_.Hex(); }

 private:
  void Open(std::ios::openmode how);
  void RequireWritten();

  Path path_, part_;
  std::fstream stream_;
  int64_t columns_, rows_ = 0;
  bool kept_ = false;
  Digest digest_;
};

class NpyRowReader {
 public:
  /// Error where that is no such array, or its size is not what its header says.
  explicit NpyRowReader(const Path& path);

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  /// Rows [first, first + count) into `out`, one after the other.
  void Read(int64_t first, int64_t count, float* out);
  /// Of all rows, as their writer had it.
  std::string DigestOfRows();

 private:
  Path path_;
  std::ifstream stream_;
  int64_t begin_ = 0, rows_ = 0, columns_ = 0;
};

}  // namespace netdissect
