# Packs the build for Debian, unpacks the package elsewhere and runs the program from there:
#   cmake -DBUILD=... -DCPACK=... -DVERSION=... -P debian.cmake
cmake_minimum_required(VERSION 3.18)

set(folder ${BUILD}/debian)
file(REMOVE_RECURSE ${folder})

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

function(expect_in what text)
  foreach(expected ${ARGN})
    if(NOT text MATCHES "${expected}")
      message(FATAL_ERROR "${what}: expected \"${expected}\", found\n${text}")
    endif()
  endforeach()
endfunction()

run(${CPACK} --config ${BUILD}/CPackConfig.cmake -G DEB -B ${folder})
file(GLOB package ${folder}/netdissect_${VERSION}_*.deb)
run(dpkg-deb --field ${package})
expect_in("fields" "${OUTPUT}" "Package: netdissect\n" "Version: ${VERSION}\n" "Section: science\n"
          "Depends: [^\n]*libopencv-core" "Depends: [^\n]*libtorch"
          "Depends: [^\n]*fonts-dejavu-core")
run(dpkg-deb --contents ${package})
expect_in("files" "${OUTPUT}" "root/root [^\n]*/usr/bin/netdissect\n"
          "/usr/share/netdissect/schema/header.schema.json\n"
          "/usr/share/doc/netdissect/copyright\n")
if(OUTPUT MATCHES "/usr/(include|lib)/")
  message(FATAL_ERROR "files: expected the program alone, found the library too\n${OUTPUT}")
endif()

run(dpkg-deb --extract ${package} ${folder}/root)
run(${CMAKE_COMMAND} -E chdir ${folder} root/usr/bin/netdissect info --out info)

# The bundled networks are the package's own.
set(weights ${folder}/root/usr/share/netdissect/demo/scene_net.safetensors)
file(REMOVE ${weights})
execute_process(COMMAND ${CMAKE_COMMAND} -E chdir ${folder} root/usr/bin/netdissect info --out info
                RESULT_VARIABLE status ERROR_VARIABLE err)
if(status EQUAL 0)
  message(FATAL_ERROR "expected no network without ${weights}, found one")
endif()
expect_in("what is missing" "${err}" "${weights}")
