"""Numbers that count what is done to them, and what they say to a number that does not count."""

import numpy as np
import pytest

from counting import counted, tally


def test_tally_counts_products_and_sums_of_a_matrix_product():
    A, B = counted(np.ones((2, 3))), counted(np.ones((3, 4)))
    assert tally(np.matmul, A, B) == (24, 16)
    assert tally(sum, A[0]) == (0, 2)


@pytest.mark.parametrize("operation", [np.matmul, np.add])
def test_plain_numbers_are_refused_with_the_cure(operation):
    with pytest.raises(TypeError, match=r"met the float 1\.0\..*write counted\(array\)"):
        tally(operation, counted(np.ones((2, 2))), np.ones((2, 2)))
