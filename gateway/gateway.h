/*
 * The edge's process: what it holds besides its requests. One of each, made by main.c.
 */
#pragma once

#include "pages.h"
#include "request.h"
#include "service.h"

struct http;
struct router;
struct limits;
struct auth;
struct trust;
struct streams;
struct upstream;
struct proxies;
struct metrics_server;

struct gateway {
	struct process process;
	struct http *http;
	struct router *router;
	struct limits *limits;
	struct auth *auth;
	struct trust *trust;
	struct streams *streams;
	struct upstream *upstreams; /* one per service, ended by one without a name */
	struct proxies *proxies;    /* whose X-Forwarded-For counts */
	struct metrics_server *metrics;
	struct pages_settings pages;
	const char *cors_origins;		/* separated by commas */
	int64_t hsts_seconds;			/* 0: not told */
	const struct rpc_method *const *tables; /* the services' methods; NULL-ended */
};
