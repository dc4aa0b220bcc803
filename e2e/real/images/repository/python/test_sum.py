import unittest

from sum import of


class SumTest(unittest.TestCase):
    def test_of(self):
        self.assertEqual(of(1, 2, 3), 6)
