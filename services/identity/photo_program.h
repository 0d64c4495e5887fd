/*
 * The program that redraws photos, as a function: a process of its own for each picture, without files, with little memory and
 * a few seconds, because decoders are where pictures attack.
 */
#pragma once

#include "identity/identity.h"

/* The picture as a JPEG of at most 512 × 512, in the call's arena. 422 when it is none, or too large to draw. Sleeps. */
bool photo_redraw(struct call *call, const ProtobufCBinaryData *picture,
		  ProtobufCBinaryData *jpeg) must_check;
