# `cpack -G DEB`: a Debian package of the program and what it needs, for the release of Debian that
# it is built on, whose LibTorch and OpenCV it depends on. The library for others is not in it.
set(CPACK_GENERATOR DEB)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};${PROJECT_NAME};program;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_VENDOR "the netdissect authors")
set(CPACK_PACKAGE_CONTACT "The netdissect authors <netdissect@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
"Records what every unit responds to, measures empirical receptive fields, segments images by single
units, labels units with the objects they detect, and cuts images down to the least that keeps their
class. Two small networks and a synthetic world with known answers are included.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS fonts-dejavu-core) # letters of plots and captions
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libopenblas0-pthread) # the reference BLAS is many times slower
include(CPack)
