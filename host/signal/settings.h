// The front end that a project's [signal] describes.
#pragma once

#include "host/project/project.h"
#include "host/signal/front_end.h"

namespace mote::signal {

// Errors: what FrontEnd::create() reports for it.
Result<FrontEnd> front_end_of(const Project& project);

}  // namespace mote::signal
