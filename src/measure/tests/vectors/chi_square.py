"""Writes chi_square.json: counts, and what the tests say of them, to 40 digits (mpmath) and held against SciPy.

    pip install mpmath scipy && python3 chi_square.py > chi_square.json
"""

import json
import random
from fractions import Fraction

import mpmath
import scipy
from scipy import stats

mpmath.mp.dps = 60
draw = random.Random(4)


def number(value):
    return float(mpmath.nstr(value, 25))


def exact(value):
    return mpmath.mpf(value.numerator) / value.denominator


def answer(statistic, freedom, scipy_p):
    p = mpmath.gammainc(mpmath.mpf(freedom) / 2, exact(statistic) / 2, regularized=True)
    if p > 1e-290:
        assert abs(scipy_p - p) <= 1e-9 * p, (float(statistic), freedom, scipy_p, p)
    return {"statistic": number(exact(statistic)), "degrees_of_freedom": freedom, "p_value": number(p)}


def fit(observed, shares):
    exact_shares = [Fraction(share) for share in shares]
    expected = [sum(observed) * share / sum(exact_shares) for share in exact_shares]
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected))
    p = stats.chisquare(observed, [float(e) for e in expected], sum_check=False).pvalue
    return {"observed": observed, "shares": shares} | answer(statistic, len(observed) - 1, p)


def table(rows):
    columns = [sum(column) for column in zip(*rows)]
    total = sum(columns)
    cells = [(o, Fraction(sum(row) * c, total)) for row in rows for o, c in zip(row, columns)]
    statistic = sum((o - e) ** 2 / e for o, e in cells)
    p = stats.chi2_contingency(rows, correction=False).pvalue
    freedom = (len(rows) - 1) * (len(columns) - 1)
    return {"table": rows} | answer(statistic, freedom, p)


def around(total, shares):
    counts = [max(0, round(draw.gauss(total * s, (total * s) ** 0.5))) for s in shares]
    return fit(counts, shares)


fits = [
    fit([5000, 5200], [0.5, 0.5]),
    fit([821588, 815482], [0.5, 0.5]),
    fit([1, 0], [0.5, 0.5]),
    fit([10, 12, 8], [1.0, 1.0, 1.0]),
    fit([90010, 9990], [0.9, 0.1]),
    fit([999, 1], [0.5, 0.5]),
    fit([700, 0, 300], [0.25, 0.5, 0.25]),
    fit([1200, 1000], [0.5, 0.5]),
    fit([1300, 100], [0.5, 0.5]),
    fit([500, 501, 499, 500], [0.25, 0.25, 0.25, 0.25]),
]
for total in [40, 1000, 123456, 10_000_000]:
    for shares in [[0.5, 0.5], [0.34, 0.33, 0.33], [0.7, 0.1, 0.1, 0.1], [0.0625] * 16, [0.01] * 100]:
        fits.append(around(total, shares))
fits.append(around(10_000_000, [0.001] * 1000))
tables = [table([[30, 70], [50, 50]]), table([[5000, 5000], [5001, 4999]]), table([[3, 1], [1, 3]])]
for height, width in [(2, 2), (2, 3), (3, 3), (4, 7), (10, 10), (20, 30)]:
    for size in [20, 3000]:
        tables.append(table([[draw.randint(size // 2, size) for _ in range(width)] for _ in range(height)]))
tables.append(table([[1000, 10, 10], [10, 1000, 10], [10, 10, 1000]][:2]))

origin = f"chi_square.py: mpmath {mpmath.__version__} to 60 digits; SciPy {scipy.__version__} agrees to 1e-9"
print('{"origin": %s,\n"goodness_of_fit": [' % json.dumps(origin))
print(",\n".join(map(json.dumps, fits)))
print('],\n"independence": [')
print(",\n".join(map(json.dumps, tables)))
print("]}")
