#pragma once
// Pages: single HTML files that need no other file, no network and no server. A page is made of
// files in src/report/web: its own NAME.html (what stands between <body> and </body>), NAME.css and
// NAME.js, before which stand its parts NAME_*.js, within page.html, after page.css and page.js,
// which all pages share. Its script finds in `data` what the program has to say, and puts it on the
// page as text; it has no global names, so that they cannot meet the browser's, and needs no
// handlers in the HTML, which browsers are told to refuse.

#include <opencv2/core.hpp>
#include <string>
#include <string_view>

#include "base/json.h"

namespace netdissect {

/// The page NAME with its title and its data, of which nothing can end the script that it stands
/// in. Text that is not UTF-8 is shown as U+FFFD. `pictures_beside`: browsers may load pictures
/// that lie beside it.
std::string MakePage(const std::string& name, const std::string& title, const Json& data,
                     bool pictures_beside = false);

/// JSON within a script: ASCII without "<", so that no text of it ends the script, opens a comment
/// or is a line's end to JavaScript alone.
std::string ForScript(const Json& json);

/// A file of src/report/web. Error where there is none.
std::string WebFileText(const std::string& name);

/// Bytes of a media type, such as "image/svg+xml", within a page.
std::string DataUri(std::string_view bytes, const std::string& type);

/// A picture (8-bit BGR) within a page: exact, or as a photograph, a tenth of the size.
std::string PngUri(const cv::Mat& picture);
std::string JpegUri(const cv::Mat& picture);

}  // namespace netdissect
