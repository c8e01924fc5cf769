"""The same training in each framework. A module is imported only in a process of its own."""
