/*
 * How the camera was held, as a JPEG's Exif part tells (CIPA DC-008, tag 0x0112).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 1 (upright) to 8; 1 when nothing is told. */
unsigned jpeg_orientation(const uint8_t *bytes, size_t len);
