"""The whole stack on one machine: emulator, template, functions, simulator."""
