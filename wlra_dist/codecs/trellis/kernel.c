/* The loops of the trellis coder that take most of its time: `nearest`, `classes` and `decoded` do what viterbi.py and
   lattice.py do in numpy, and give the same bits.

   Every number is added, multiplied, rounded and compared as there, in doubles where numpy has float64 and in floats
   where it has float32. So this is compiled without contraction of a*b + c and without -ffast-math, and not at all where
   the processor keeps more digits than a double has. Arrays are contiguous, integers int64 unless they say otherwise.
   Indices into tables come from levels that the caller clipped, or are clipped here: no message reaches beyond them. */

#include <float.h>
#include <math.h>
#include <stdint.h>

#if FLT_EVAL_METHOD != 0
#error "the bits would not be numpy's"
#endif

enum { STATES = 32, RUN = 512, BRANCHES = 6, CENTRED = 4, MAGNITUDES = 256, SIXTEENTHS = 16, PRECISION = 24, WORD = 32 };

/* What a sender goes by, as viterbi.Prices: float bits[3][levels][MAGNITUDES], points[levels][CENTRED + 1]. */
typedef struct {
    const float *bits;
    const int64_t *points;
    int64_t levels;
} Prices;

/* A value that an entry may have: its squared error, and which of the magnitudes it is without its low bits. */
typedef struct {
    int64_t v;
    double error;
    int64_t magnitude;
} Tried;

static Tried tried(double y, int64_t v, int64_t row, int64_t shift, const Prices *prices)
{
    int64_t size = v < 0 ? -v : v, sign = (v > 0) - (v < 0);
    int64_t point = size <= CENTRED && shift == 0 ? sign * prices->points[row * (CENTRED + 1) + size] : SIXTEENTHS * v;
    double off = y - (double)point / SIXTEENTHS;
    uint64_t magnitude = (uint64_t)size >> 1 >> shift;
    return (Tried){v, off * off, magnitude < MAGNITUDES ? (int64_t)magnitude : MAGNITUDES - 1};
}

/* The cost and the value of the best of each coset for each class, at 2·class + branch. */
static void branches(double y, int64_t row, int64_t shift, const Prices *prices, double due, float *costs, int64_t *values)
{
    for (int coset = 0; coset < 4; coset++) {
        int odd = coset & 1, branch = coset >> 1;
        int64_t near = 4 * (int64_t)rint((y - coset) / 4) + coset;
        int64_t below = near - 4 * ((near > 0) - (near < 0));
        Tried one = tried(y, near, row, shift, prices), other = tried(y, below, row, shift, prices);
        for (int of_class = odd ? 2 : 0; of_class <= (odd ? 2 : 1); of_class++) {
            const float *bits = prices->bits + (of_class * prices->levels + row) * MAGNITUDES;
            double first = one.error + due * (double)bits[one.magnitude];
            double second = other.error + due * (double)bits[other.magnitude];
            costs[2 * of_class + branch] = (float)(second < first ? second : first);
            values[2 * of_class + branch] = second < first ? below : near;
        }
    }
}

/* One step of all states: the least cost of each, and a bit where its second way is the cheaper. */
static uint32_t step(int64_t states, const int64_t *before, const int64_t *costly, const float *costs, float *total)
{
    float reached[STATES];
    uint32_t second = 0;
    for (int64_t state = 0; state < states; state++) {
        int64_t way = state + states;
        float one = total[before[state]] + costs[costly[state]], other = total[before[way]] + costs[costly[way]];
        second |= (uint32_t)(other < one) << state;
        reached[state] = other < one ? other : one;
    }
    for (int64_t state = 0; state < states; state++) total[state] = reached[state];
    return second;
}

static int64_t least(int64_t states, const float *total)
{
    int64_t best = 0;
    for (int64_t state = 1; state < states; state++) best = total[state] < total[best] ? state : best;
    return best;
}

/* One run: entries lane, lane + width, … of N; those that are due beyond N to fill it count as 0 at the first level. */
static void run(int64_t states, const int64_t *before, const int64_t *costly, const Prices *prices, double due, int64_t N,
                int64_t width, int64_t lane, const double *y, const int64_t *rows, const int64_t *shifts, int64_t *v,
                int64_t *classes)
{
    int64_t values[RUN][BRANCHES], length = (N + width - 1) / width;
    uint32_t second[RUN];
    float costs[BRANCHES], total[STATES];
    for (int64_t state = 0; state < states; state++) total[state] = state ? INFINITY : 0;
    for (int64_t t = 0, i = lane; t < length; t++, i += width) {
        int there = i < N;
        branches(there ? y[i] : 0, there ? rows[i] : 0, there ? shifts[i] : 0, prices, due, costs, values[t]);
        second[t] = step(states, before, costly, costs, total);
    }
    int64_t state = least(states, total);
    for (int64_t t = length - 1, i = lane + t * width; t >= 0; t--, i -= width) {
        int64_t way = state + states * (second[t] >> state & 1);
        if (i < N) {
            v[i] = values[t][costly[way]];
            classes[i] = costly[way] >> 1;
        }
        state = before[way];
    }
}

/* viterbi.nearest for m matrices of N entries in runs of `width` lanes; at most STATES states, RUN entries to a run. */
void nearest(int64_t states, const int64_t *before, const int64_t *costly, const float *bits, const int64_t *points,
             int64_t levels, int64_t m, int64_t N, int64_t width, const double *y, const int64_t *rows,
             const int64_t *shifts, const double *price, int64_t *v, int64_t *classes)
{
    Prices prices = {bits, points, levels};
    for (int64_t j = 0; j < m; j++)
        for (int64_t lane = 0, at = j * N; lane < width; lane++)
            run(states, before, costly, &prices, price[j], N, width, lane, y + at, rows + at, shifts + at, v + at,
                classes + at);
}

/* lattice._classes: the class of the state of each of N values; `state` has `width` zeros. */
void classes(const int64_t *next, const int64_t *of_state, int64_t N, int64_t width, const int64_t *v, int64_t *state,
             int64_t *found)
{
    for (int64_t i = 0, lane = 0; i < N; i++, lane = lane + 1 < width ? lane + 1 : 0) {
        found[i] = of_state[state[lane]];
        state[lane] = next[2 * state[lane] + (v[i] >> 1 & 1)];
    }
}

/* The range decoder of constriction's queue: words of 32 bits, a state of 64. */
typedef struct {
    const uint32_t *words;
    int64_t size, read;
    uint64_t lower, range, point;
} Decoder;

static void shift_in(Decoder *decoder)
{
    uint32_t word = decoder->read < decoder->size ? decoder->words[decoder->read] : 0;
    decoder->read++;
    decoder->point = decoder->point << WORD | word;
}

/* The next symbol by the cumulative frequencies of a model, from 0 to 2^PRECISION; −1 if it rules the words out. */
static int64_t symbol(Decoder *decoder, const uint32_t *cumulative, int64_t symbols)
{
    uint64_t scale = decoder->range >> PRECISION, quantile = (decoder->point - decoder->lower) / scale;
    int64_t low = 0, high = symbols;
    if (quantile >> PRECISION) return -1;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (cumulative[middle] <= quantile) low = middle;
        else high = middle;
    }
    decoder->lower += scale * cumulative[low];
    decoder->range = scale * (cumulative[low + 1] - cumulative[low]);
    if (decoder->range >> WORD == 0) {
        decoder->lower <<= WORD;
        decoder->range <<= WORD;
        shift_in(decoder);
    }
    return low;
}

/* The N values of a path: symbols by the model (class, level) of each, `raw` low bits beside them; `state` has `width`
   zeros. In `interval` the words passed, the low end and the width at the end. Returns −1 if models rule words out. */
int decoded(const uint32_t *words, int64_t size, const uint32_t *cumulative, int64_t symbols, int64_t levels,
            const int64_t *next, const int64_t *of_state, int64_t N, int64_t width, const int64_t *rows,
            const int64_t *shifts, const int64_t *raw, int64_t *state, int64_t *v, uint64_t *interval)
{
    Decoder decoder = {words, size, 0, 0, UINT64_MAX, 0};
    shift_in(&decoder);
    shift_in(&decoder);
    for (int64_t i = 0, lane = 0; i < N; i++, lane = lane + 1 < width ? lane + 1 : 0) {
        int64_t model = of_state[state[lane]] * levels + rows[i], odd = state[lane] & 1, unit = (int64_t)1 << shifts[i];
        int64_t found = symbol(&decoder, cumulative + model * (symbols + 1), symbols);
        if (found < 0) return -1;
        int64_t index = (found - symbols / 2) * unit + raw[i] - (odd ? 0 : unit >> 1);
        v[i] = 2 * index + odd;
        state[lane] = next[2 * state[lane] + (index & 1)];
    }
    interval[0] = (uint64_t)decoder.read - 2;
    interval[1] = decoder.lower;
    interval[2] = decoder.range;
    return 0;
}
