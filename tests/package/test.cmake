# Installs the build into a folder of its own, then configures, builds and runs a project that finds
# the library there:
#   cmake -DBUILD=... -DSOURCE=... -DGENERATOR=... -DCOMPILER=... -DFLAGS=... -DPREFIX_PATH=...
#         -DVERSION=... -P test.cmake
cmake_minimum_required(VERSION 3.18)

set(folder ${BUILD}/package)
set(prefix ${folder}/prefix)
file(REMOVE_RECURSE ${folder})

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

function(expect what found expected)
  if(NOT found STREQUAL expected)
    message(FATAL_ERROR "${what}: expected \"${expected}\", found \"${found}\"")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
run(${prefix}/bin/netdissect --version)
expect("netdissect --version" "${OUTPUT}" "netdissect ${VERSION}\n")

string(REPLACE ";" "\\;" prefix_path "${prefix};${PREFIX_PATH}")
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/package -B ${folder}/build -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}"
    "-DCMAKE_PREFIX_PATH=${prefix_path}" -DEXPECTED_VERSION=${VERSION})
run(${CMAKE_COMMAND} --build ${folder}/build)

# The example on a few pictures whose objects are known, by the bundled network.
run(${prefix}/bin/netdissect synth --kind scenes --train 0 --val 16 --out ${folder}/world)
run(${folder}/build/example ${prefix}/share/netdissect/demo/scene_net.json
    ${folder}/world/scenes.json pool5)
foreach(line "${VERSION}: 16 images" "pool5 unit [0-9]+: [0-9.]+ of 195 pixels, map of .215, 215."
        "bedroom/val_[0-9]+.jpg: bedroom; [^\n]*bed")
  if(NOT OUTPUT MATCHES "${line}")
    message(FATAL_ERROR "the example: expected \"${line}\", found\n${OUTPUT}")
  endif()
endforeach()
