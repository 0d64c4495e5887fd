/* The score of a pair out of 1 000: 400 skills, 150 goals, 150 common hours, 100 temper, 100 years, 50 languages, 50 favourite. */
#include "profiles.h"

#include <immintrin.h>
#include <stdbool.h>
#include <stdlib.h>

/* Points by the years between mentor and mentee. */
static const uint8_t gap_points[64] = {
	0,  15, 30, 50, 70, 90, 100, 100, 100, 100, 100, 100, 100, 100, 95, 90,
	85, 80, 75, 70, 65, 60, 55,  50,  50,  50,  50,	 50,  50,  50,	50, 50,
	50, 50, 50, 50, 50, 50, 50,  50,  50,  50,  50,	 50,  50,  50,	50, 50,
	50, 50, 50, 50, 50, 50, 50,  50,  50,  50,  50,	 50,  50,  50,	50, 50,
};

enum { LEAST_HOURS = 2, FAVOURITE = 50 };

static int common(uint64_t a, uint64_t b)
{
	return __builtin_popcountll(a & b);
}

static int temper_distance(uint64_t a, uint64_t b)
{
	int distance = 0;

	for (int k = 0; k < 64; k += 8)
		distance += abs((int)(a >> k & 255) - (int)(b >> k & 255));
	return distance;
}

static int score_pair(const struct mentee_profile *mentee, const struct mentor_profiles *mentors,
		      int32_t j)
{
	int hours = 0, skills = 0, languages = common(mentee->languages, mentors->languages[j]);
	int years = (int)(mentors->manager_and_years[j] & 255) - mentee->years;

	for (int k = 0; k < HOUR_WORDS; k++)
		hours += common(mentee->hours[k], mentors->hours[k][j]);
	if (!languages ||
	    hours < LEAST_HOURS ||
	    mentors->manager_and_years[j] >> 8 == mentee->manager)
		return -1;
	for (int k = 0; k < TAG_WORDS; k++)
		skills += common(mentee->wants_low[k], mentors->offers[k][j]) +
			  2 * common(mentee->wants_high[k], mentors->offers[k][j]);
	return (int)((unsigned)skills * ((400u << 16) / mentee->weights) >> 16) +
	       (int)((unsigned)common(mentee->goals, mentors->goals[j]) *
			     ((150u << 16) / mentee->n_goals) >>
		     16) +
	       (hours > 8 ? 8 : hours) * 150 / 8 +
	       (32 - temper_distance(mentee->temper, mentors->temper[j])) * 100 / 32 +
	       (years < 0 ? 0 : gap_points[years]) +
	       (languages >= 2 ? 50 : 40);
}

static void score_plain(const struct mentee_profile *mentee, const struct mentor_profiles *mentors,
			int16_t *scores)
{
	for (int32_t j = 0; j < mentors->n; j++)
		scores[j] = (int16_t)score_pair(mentee, mentors, j);
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vpopcntdq")))

AVX512 static inline __m512i load8(const uint64_t *of, int32_t j)
{
	return _mm512_load_si512(of + j);
}

AVX512 static inline __m512i all8(uint64_t value)
{
	return _mm512_set1_epi64((int64_t)value);
}

AVX512 static inline __m512i common8(uint64_t value, const uint64_t *of, int32_t j)
{
	return _mm512_popcnt_epi64(_mm512_and_si512(all8(value), load8(of, j)));
}

AVX512 static inline __m512i share8(__m512i count, uint32_t points, uint32_t of)
{
	return _mm512_srli_epi64(_mm512_mul_epu32(count, all8((points << 16) / of)), 16);
}

AVX512 static inline __m512i skills8(const struct mentee_profile *mentee,
				     const struct mentor_profiles *mentors, int32_t j)
{
	__m512i low = _mm512_setzero_si512(), high = low;

	for (int k = 0; k < TAG_WORDS; k++) {
		low = _mm512_add_epi64(low, common8(mentee->wants_low[k], mentors->offers[k], j));
		high = _mm512_add_epi64(high,
					common8(mentee->wants_high[k], mentors->offers[k], j));
	}
	return _mm512_add_epi64(low, _mm512_add_epi64(high, high));
}

AVX512 static inline __m512i hours8(const struct mentee_profile *mentee,
				    const struct mentor_profiles *mentors, int32_t j)
{
	__m512i hours = _mm512_setzero_si512();

	for (int k = 0; k < HOUR_WORDS; k++)
		hours = _mm512_add_epi64(hours, common8(mentee->hours[k], mentors->hours[k], j));
	return hours;
}

AVX512 static inline __m512i years8(const struct mentee_profile *mentee, __m512i manager_and_years)
{
	__m512i years = _mm512_sub_epi64(_mm512_and_si512(manager_and_years, all8(255)),
					 all8(mentee->years));
	__m512i at = _mm512_max_epi64(years, _mm512_setzero_si512());

	return _mm512_and_si512(_mm512_permutexvar_epi8(at, _mm512_loadu_si512(gap_points)),
				all8(255));
}

AVX512 static inline __m512i temper8(const struct mentee_profile *mentee,
				     const struct mentor_profiles *mentors, int32_t j)
{
	__m512i distance = _mm512_sad_epu8(all8(mentee->temper), load8(mentors->temper, j));

	return _mm512_srli_epi64(_mm512_mul_epu32(_mm512_sub_epi64(all8(32), distance), all8(100)),
				 5);
}

AVX512 static void score_vectors(const struct mentee_profile *mentee,
				 const struct mentor_profiles *mentors, int16_t *scores)
{
	for (int32_t j = 0; j < mentors->padded; j += 8) {
		__m512i languages = common8(mentee->languages, mentors->languages, j);
		__m512i manager = load8(mentors->manager_and_years, j),
			hours = hours8(mentee, mentors, j);
		__mmask8 may = _mm512_test_epi64_mask(languages, languages) &
			       _mm512_cmpge_epi64_mask(hours, all8(LEAST_HOURS)) &
			       _mm512_cmpneq_epi64_mask(_mm512_srli_epi64(manager, 8),
							all8(mentee->manager));
		__mmask8 two = _mm512_cmpge_epi64_mask(languages, all8(2));
		__m512i sum = share8(skills8(mentee, mentors, j), 400, mentee->weights);

		sum = _mm512_add_epi64(sum, share8(common8(mentee->goals, mentors->goals, j), 150,
						   mentee->n_goals));
		hours = _mm512_mul_epu32(_mm512_min_epi64(hours, all8(8)), all8(150));
		sum = _mm512_add_epi64(sum, _mm512_srli_epi64(hours, 3));
		sum = _mm512_add_epi64(sum, temper8(mentee, mentors, j));
		sum = _mm512_add_epi64(sum, years8(mentee, manager));
		sum = _mm512_add_epi64(sum, _mm512_mask_blend_epi64(two, all8(40), all8(50)));
		sum = _mm512_mask_blend_epi64(may, _mm512_set1_epi64(-1), sum);
		_mm_storeu_si128((__m128i *)(void *)(scores + j), _mm512_cvtepi64_epi16(sum));
	}
}

static void add_wishes(const struct mentee_profile *mentee, int16_t *scores)
{
	for (int f = 0; f < FAVOURITES; f++) {
		int32_t j = mentee->favourite[f];
		bool again = false;

		for (int before = 0; before < f; before++)
			again |= mentee->favourite[before] == j;
		if (j >= 0 && !again && scores[j] >= 0)
			scores[j] = (int16_t)(scores[j] + FAVOURITE);
	}
	if (mentee->never >= 0)
		scores[mentee->never] = -1;
}

void profiles_score(const struct profiles *profiles, int32_t mentee, int16_t *scores)
{
	const struct mentee_profile *of = &profiles->mentee[mentee];

	if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vbmi"))
		score_vectors(of, &profiles->mentors, scores);
	else
		score_plain(of, &profiles->mentors, scores);
	add_wishes(of, scores);
}
