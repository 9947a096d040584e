int qemu_plugin_version = 1;
