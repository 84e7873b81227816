// Built where there is no MPI.

#include "mpi_crew.h"

namespace netdissect {

std::shared_ptr<MpiCrew> MakeMpiCrew(std::function<bool()> /*stop*/) { return nullptr; }

}  // namespace netdissect
