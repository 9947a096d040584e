"""check_includes finds what is planted, and nothing else."""
import tempfile
import unittest
from pathlib import Path

import check_includes


class CheckIncludes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.write("host/base/result.h", "")
        self.write("host/ops/op.h", '#include "host/base/result.h"\n')
        self.write("device/kernels/add/add.h", '#include <cstdint>\n#include "contract/ops/add_params.h"\n')
        self.write("contract/ops/add_params.h", "#include <cstdint>\n")
        self.write("host/plan/planner.h", '#include "host/ops/op.h"\n')
        self.write("host/codegen/generated.h", "")
        self.write("host/program/program.h", "")
        self.write("host/codegen/writer.h", '#include "host/program/program.h"\n')

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def planted(self, path, text, expected):
        self.write(path, text)
        problems = check_includes.check(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(expected, problems[0])

    def test_clean(self):
        self.assertEqual(check_includes.check(self.root), [])

    def test_device_must_not_see_host(self):
        self.planted("device/kernels/add/add_s8_portable.cc", '\n#include "host/base/result.h"\n',
                     'add_s8_portable.cc:2: device must not include "host/base/result.h"')

    def test_device_must_not_see_the_heap(self):
        self.planted("device/kernels/add/add_s8_portable.cc", "#include <vector>\n", "<vector>")

    def test_device_test_may(self):
        self.write("device/kernels/add/add_test.cc", '#include <vector>\n#include "host/ops/op.h"\n')
        self.assertEqual(check_includes.check(self.root), [])

    def test_host_must_not_see_ports(self):
        self.write("ports/boards/m4/board.h", "")
        self.planted("host/plan/planner.cc", '#include "ports/boards/m4/board.h"\n', "host/plan must not include")

    def test_siblings_must_not_see_each_other(self):
        self.planted("host/plan/planner.cc", '#include "host/codegen/writer.h"\n', "host/plan must not include")

    def test_named_exception_is_one_file(self):
        self.write("host/emulate/run.cc", '#include "host/codegen/generated.h"\n')
        self.assertEqual(check_includes.check(self.root), [])
        self.planted("host/emulate/run.cc", '#include "host/codegen/writer.h"\n', "host/emulate must not include")

    def test_apps_call_no_kernels(self):
        self.planted("apps/cli/main.cc", '#include "device/kernels/add/add.h"\n', "apps must not include")

    def test_missing_file(self):
        self.planted("host/plan/planner.cc", '#include "host/plan/gone.h"\n', "does not exist")

    def test_unknown_room(self):
        self.planted("host/cupboard/thing.cc", "", "in no room")


if __name__ == "__main__":
    unittest.main()
