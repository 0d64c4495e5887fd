/*
 * peer_lemon cs|ns INSTANCE: LEMON's CostScaling or NetworkSimplex on the same file, as a flow of least cost; who stays out takes an arc
 * of cost 0. The graph is built before the clock starts.
 */
#include <cstdio>
#include <cstring>
#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

extern "C" {
#include "instance.h"
}

using Graph = lemon::SmartDigraph;

struct Flow {
	Graph graph;
	Graph::ArcMap<int> cost{ graph }, capacity{ graph };
	Graph::NodeMap<int> supply{ graph };
};

static void add_arc(Flow &flow, int from, int to, int cost, int capacity)
{
	auto arc = flow.graph.addArc(flow.graph.nodeFromId(from), flow.graph.nodeFromId(to));

	flow.cost[arc] = cost;
	flow.capacity[arc] = capacity;
}

static void build(Flow &flow, const instance &of)
{
	int sink = of.mentees + of.mentors;

	flow.graph.reserveNode(sink + 1);
	flow.graph.reserveArc((int)of.pairs + of.mentees + of.mentors);
	for (int k = 0; k <= sink; k++)
		flow.supply[flow.graph.addNode()] = k < of.mentees ? 1 : 0;
	flow.supply[flow.graph.nodeFromId(sink)] = -of.mentees;
	for (int i = 0; i < of.mentees; i++)
		for (int64_t k = of.row[i]; k < of.row[i + 1]; k++)
			add_arc(flow, i, of.mentees + of.column[k], -of.score[k], 1);
	for (int i = 0; i < of.mentees; i++)
		add_arc(flow, i, sink, 0, 1);
	for (int j = 0; j < of.mentors; j++)
		add_arc(flow, of.mentees + j, sink, 0, of.capacity[j]);
}

template <class Algorithm> static int solve(const Flow &flow, const instance &of)
{
	double start = seconds();
	Algorithm algorithm(flow.graph);
	algorithm.upperMap(flow.capacity).costMap(flow.cost).supplyMap(flow.supply);
	bool optimal = algorithm.run() == Algorithm::OPTIMAL;
	double end = seconds();
	long long sum = 0, matched = 0;

	for (int64_t k = 0; k < of.pairs; k++)
		if (algorithm.flow(flow.graph.arcFromId((int)k))) {
			sum -= flow.cost[flow.graph.arcFromId((int)k)];
			matched++;
		}
	printf("solve=%.6f obj=%lld matched=%lld rss=%.0f\n", end - start, sum, matched, peak_megabytes());
	return optimal ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "peer_lemon cs|ns INSTANCE\n"), 2;

	instance of;
	Flow flow;
	double start = seconds();

	instance_read(argv[2], &of);
	build(flow, of);
	fprintf(stderr, "build=%.4f\n", seconds() - start);
	if (strcmp(argv[1], "cs") == 0)
		return solve<lemon::CostScaling<Graph, int, int64_t>>(flow, of);
	return solve<lemon::NetworkSimplex<Graph, int, int64_t>>(flow, of);
}
