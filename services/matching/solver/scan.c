/* Scalar, AVX2 and AVX-512 loops over packed lines, chosen at run time. */
#include "scan.h"

#include <immintrin.h>
#include <stddef.h>

static struct bid bid_scalar(const uint32_t *word, int32_t len, const int32_t *price,
			     int32_t lowest, int shift)
{
	struct bid bid = { -SCAN_NEVER, -SCAN_NEVER, 0 };

	for (int32_t k = 0; k < len && (word_worth(word[k]) << shift) - lowest > bid.second; k++) {
		int32_t value = (word_worth(word[k]) << shift) - price[word_number(word[k])];

		if (value > bid.best)
			bid = (struct bid) { value, bid.best, word[k] };
		else if (value > bid.second)
			bid.second = value;
	}
	return bid;
}

static int32_t reach_scalar(const uint32_t *word, int32_t len, const int32_t *other, int32_t lowest,
			    int32_t limit, struct near *near)
{
	int32_t n = 0;

	for (int32_t k = 0; k < len && lowest - word_worth(word[k]) < limit; k++) {
		near[n].word = word[k];
		near[n].slack = other[word_number(word[k])] - word_worth(word[k]);
		n += near[n].slack < limit;
	}
	return n;
}

static uint32_t above_scalar(const int16_t *score, int16_t bar)
{
	uint32_t mask = 0;

	for (int k = 0; k < SCAN_SCORES; k++)
		mask |= (uint32_t)(score[k] >= bar) << k;
	return mask;
}

#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline __m256i load8(const uint32_t *word)
{
	return _mm256_load_si256((const __m256i *)(const void *)word);
}

AVX2 static inline __m256i worth8(__m256i word)
{
	return _mm256_srli_epi32(word, SCAN_NUMBER_BITS);
}

AVX2 static inline __m256i others8(__m256i word, const int32_t *other)
{
	return _mm256_i32gather_epi32(other, _mm256_and_si256(word, _mm256_set1_epi32(SCAN_NUMBER)),
				      4);
}

AVX2 static inline unsigned mask8(__m256i lanes)
{
	return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(lanes));
}

/* The best of eight lanes, of several the one with the greatest word; the second best of all that the lanes saw. */
AVX2 static struct bid fold8(__m256i best, __m256i second, __m256i words)
{
	int32_t first[8], other[8];
	uint32_t word[8];
	struct bid bid = { -SCAN_NEVER, -SCAN_NEVER, 0 };
	int taken = 0;

	_mm256_storeu_si256((__m256i *)(void *)first, best);
	_mm256_storeu_si256((__m256i *)(void *)other, second);
	_mm256_storeu_si256((__m256i *)(void *)word, words);
	for (int k = 1; k < 8; k++)
		if (first[k] > first[taken] || (first[k] == first[taken] && word[k] > word[taken]))
			taken = k;
	for (int k = 0; k < 8; k++) {
		int32_t value = k == taken ? other[k] : first[k];

		bid.second = value > bid.second ? value : bid.second;
	}
	bid.best = first[taken];
	bid.word = word[taken];
	return bid;
}

AVX2 static struct bid bid_avx2(const uint32_t *word, int32_t len, const int32_t *price,
				int32_t lowest, int shift)
{
	__m256i best = _mm256_set1_epi32(-SCAN_NEVER), second = best,
		words = _mm256_setzero_si256();

	__m128i shifts = _mm_cvtsi32_si128(shift);

	for (int32_t k = 0; k < len; k += 8) {
		__m256i bar = _mm256_set1_epi32((word_worth(word[k]) << shift) - lowest - 1);

		if (__builtin_popcount(mask8(_mm256_cmpgt_epi32(best, bar))) +
			    __builtin_popcount(mask8(_mm256_cmpgt_epi32(second, bar))) >
		    1)
			break;

		__m256i here = load8(word + k);
		__m256i value = _mm256_sub_epi32(_mm256_sll_epi32(worth8(here), shifts),
						 others8(here, price));
		__m256i better = _mm256_cmpgt_epi32(value, best);

		second = _mm256_max_epi32(second, _mm256_min_epi32(value, best));
		best = _mm256_max_epi32(best, value);
		words = _mm256_blendv_epi8(words, here, better);
	}
	return fold8(best, second, words);
}

AVX2 static int32_t reach_avx2(const uint32_t *word, int32_t len, const int32_t *other,
			       int32_t lowest, int32_t limit, struct near *near)
{
	__m256i bar = _mm256_set1_epi32(limit);
	int32_t n = 0;

	for (int32_t k = 0; k < len && lowest - word_worth(word[k]) < limit; k += 8) {
		__m256i here = load8(word + k);
		__m256i slack = _mm256_sub_epi32(others8(here, other), worth8(here));
		int32_t slacks[8];

		_mm256_storeu_si256((__m256i *)(void *)slacks, slack);
		for (unsigned mask = mask8(_mm256_cmpgt_epi32(bar, slack)); mask;
		     mask &= mask - 1) {
			int lane = __builtin_ctz(mask);

			near[n++] = (struct near) { word[k + lane], slacks[lane] };
		}
	}
	return n;
}

AVX2 static uint32_t above_avx2(const int16_t *score, int16_t bar)
{
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)score);
	__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(score + 16));
	__m256i bars = _mm256_set1_epi16((int16_t)(bar - 1));
	__m256i bytes =
		_mm256_packs_epi16(_mm256_cmpgt_epi16(low, bars), _mm256_cmpgt_epi16(high, bars));

	/* Packing takes the halves of both in turn. */
	return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(bytes, 0xD8));
}

#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,popcnt")))

AVX512 static inline __m512i worth16(__m512i word)
{
	return _mm512_srli_epi32(word, SCAN_NUMBER_BITS);
}

AVX512 static inline __m512i others16(__m512i word, const int32_t *other)
{
	return _mm512_i32gather_epi32(_mm512_and_si512(word, _mm512_set1_epi32(SCAN_NUMBER)), other,
				      4);
}

AVX512 static struct bid bid_avx512(const uint32_t *word, int32_t len, const int32_t *price,
				    int32_t lowest, int shift)
{
	__m512i best = _mm512_set1_epi32(-SCAN_NEVER), second = best,
		words = _mm512_setzero_si512();

	__m128i shifts = _mm_cvtsi32_si128(shift);

	for (int32_t k = 0; k < len; k += 16) {
		__m512i bar = _mm512_set1_epi32((word_worth(word[k]) << shift) - lowest);

		if (__builtin_popcount(_mm512_cmpge_epi32_mask(best, bar)) +
			    __builtin_popcount(_mm512_cmpge_epi32_mask(second, bar)) >
		    1)
			break;

		__m512i here = _mm512_load_si512(word + k);
		__m512i value = _mm512_sub_epi32(_mm512_sll_epi32(worth16(here), shifts),
						 others16(here, price));

		words = _mm512_mask_mov_epi32(words, _mm512_cmpgt_epi32_mask(value, best), here);
		second = _mm512_max_epi32(second, _mm512_min_epi32(value, best));
		best = _mm512_max_epi32(best, value);
	}

	int32_t top = _mm512_reduce_max_epi32(best);
	__mmask16 tops = _mm512_cmpeq_epi32_mask(best, _mm512_set1_epi32(top));
	uint32_t chosen = _mm512_mask_reduce_max_epu32(tops, words);
	__mmask16 lane =
		_mm512_mask_cmpeq_epi32_mask(tops, words, _mm512_set1_epi32((int32_t)chosen));

	second = _mm512_mask_max_epi32(second, (__mmask16)~lane, second, best);
	return (struct bid) { top, _mm512_reduce_max_epi32(second), chosen };
}

AVX512 static int32_t reach_avx512(const uint32_t *word, int32_t len, const int32_t *other,
				   int32_t lowest, int32_t limit, struct near *near)
{
	__m512i bar = _mm512_set1_epi32(limit);
	int32_t n = 0;

	for (int32_t k = 0; k < len && lowest - word_worth(word[k]) < limit; k += 16) {
		__m512i here = _mm512_load_si512(word + k);
		__m512i slack = _mm512_sub_epi32(others16(here, other), worth16(here));

		for (unsigned mask = _mm512_cmplt_epi32_mask(slack, bar); mask; mask &= mask - 1) {
			uint32_t found = word[k + __builtin_ctz(mask)];

			near[n++] = (struct near) { found,
						    other[word_number(found)] - word_worth(found) };
		}
	}
	return n;
}

AVX512 static uint32_t above_avx512(const int16_t *score, int16_t bar)
{
	return _mm512_cmpge_epi16_mask(_mm512_loadu_si512(score), _mm512_set1_epi16(bar));
}

static const struct scanner scalar = { "scalar", bid_scalar, reach_scalar, above_scalar };
static const struct scanner avx2 = { "avx2", bid_avx2, reach_avx2, above_avx2 };
static const struct scanner avx512 = { "avx512", bid_avx512, reach_avx512, above_avx512 };

static bool offers_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512bw");
}

const struct scanner *scanner_of(enum scan_kind kind)
{
	if (kind == SCAN_SCALAR)
		return &scalar;
	if (kind != SCAN_AVX2 && offers_avx512())
		return &avx512;
	if (kind != SCAN_AVX512 && __builtin_cpu_supports("avx2"))
		return &avx2;
	return kind == SCAN_BEST ? &scalar : NULL;
}
