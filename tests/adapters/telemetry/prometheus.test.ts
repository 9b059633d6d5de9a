import { NO_JOBS } from '../../../core/jobs/job-figures.ts';
import { runMetrics } from '../../../core/learning/run-metrics.ts';
import { openMetrics } from '../../../adapters/telemetry/prometheus.ts';
import type { Metrics } from '../../../adapters/telemetry/prometheus.ts';

/** The lines of our own metrics that are no comment. */
async function samples(metrics: Metrics): Promise<readonly string[]> {
  const { text } = await metrics.render();
  return text.split('\n').filter((line) => line.startsWith('skillos_'));
}

describe('openMetrics', () => {
  test.each<[string, (metrics: Metrics) => void, readonly string[]]>([
    [
      'a request under way and one that was answered',
      (metrics) => {
        metrics.httpStarted();
        metrics.httpStarted()({ method: 'GET', route: '/runs/:id', status: 404, seconds: 0.02 });
      },
      [
        'skillos_http_requests_in_flight 1',
        'skillos_http_request_duration_seconds_count{method="GET",route="/runs/:id",status="404"} 1',
        'skillos_http_request_duration_seconds_sum{method="GET",route="/runs/:id",status="404"} 0.02',
      ],
    ],
    [
      'who follows a run',
      (metrics) => {
        metrics.streamOpened();
        metrics.streamOpened()();
      },
      ['skillos_event_streams 1'],
    ],
    [
      'requests that were counted',
      (metrics) => {
        metrics.rateDecided('allowed');
        metrics.rateDecided('refused');
        metrics.rateFellBack();
      },
      [
        'skillos_rate_limit_decisions_total{decision="allowed"} 1',
        'skillos_rate_limit_decisions_total{decision="refused"} 1',
        'skillos_rate_limit_fallbacks_total 1',
      ],
    ],
    [
      'the routing cache',
      (metrics) => {
        metrics.cacheLookedUp('hit');
        metrics.cacheFailed();
      },
      ['skillos_routing_cache_lookups_total{result="hit"} 1', 'skillos_routing_cache_faults_total 1'],
    ],
    [
      'routings and runs',
      (metrics) => {
        metrics.routed('low_confidence', 0.002);
        metrics.runAnswered({ status: 'success', seconds: 0.04 });
        metrics.runAnswered({ status: 'error', reason: 'skill_failed', seconds: 1 });
      },
      [
        'skillos_route_duration_seconds_count{status="low_confidence"} 1',
        'skillos_run_duration_seconds_count{status="success",reason=""} 1',
        'skillos_run_duration_seconds_count{status="error",reason="skill_failed"} 1',
      ],
    ],
  ])('counts %s', async (_what, happen, expected) => {
    const metrics = openMetrics();
    happen(metrics);
    expect(await samples(metrics)).toEqual(expect.arrayContaining([...expected]));
  });

  test('counts for each server of a process by itself, and the process too', async () => {
    openMetrics().rateFellBack();
    const { text, contentType } = await openMetrics().render();
    expect(text).toContain('skillos_rate_limit_fallbacks_total 0');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  test('reads refused work at each scrape, and keeps the count while the store is away', async () => {
    const counts = [{ work_refused: 2 }, { work_refused: 3, run_replayed: 1 }];
    const metrics = openMetrics({
      refusals: async () => counts.shift() ?? Promise.reject(new Error('away')),
      jobs: async () => NO_JOBS,
    });
    expect(await samples(metrics)).toContain('skillos_work_refused_total{reason="work_refused"} 2');
    const more = ['skillos_work_refused_total{reason="work_refused"} 3'];
    expect(await samples(metrics)).toEqual(expect.arrayContaining(more));
    expect(await samples(metrics)).toEqual(expect.arrayContaining(more));
  });

  test('reads the jobs queue at each scrape', async () => {
    let queued = 1;
    const phases = { ...NO_JOBS.phases, retrying: 3 };
    const jobs = async () => ({ queued: queued++, oldestAgeSeconds: 2.5, dead: 4, phases });
    const metrics = openMetrics({ refusals: async () => ({}), jobs });
    await metrics.render();
    expect(await samples(metrics)).toEqual(
      expect.arrayContaining([
        'skillos_jobs_queued 2',
        'skillos_jobs_oldest_age_seconds 2.5',
        'skillos_jobs_dead 4',
        'skillos_jobs{phase="retrying"} 3',
        'skillos_jobs{phase="due"} 0',
      ]),
    );
  });

  test('has the figures of skillos metrics, and keeps them while the store is away', async () => {
    const at = '2026-01-02T03:04:05.000Z';
    const end = { at, run: 'r1', execution: 'e', skill: 'a/b', cost: 15_000 };
    const found = runMetrics(
      [
        { ...end, status: 'success', duration_ms: 1500, steps: 2, attempts: 3 },
        { ...end, run: 'r2', status: 'error' },
      ],
      [{ at, query: 'q', status: 'low_confidence', confidence: 0.4 }],
    );
    const metrics = openMetrics({ runs: async () => found });
    const expected = [
      'skillos_recent_runs{status="success"} 1',
      'skillos_recent_runs{status="blocked"} 0',
      'skillos_recent_run_seconds{quantile="0.95"} 1.5',
      'skillos_recent_success_ratio 0.5',
      'skillos_recent_attempts_per_step 1.5',
      'skillos_recent_run_cost 3',
      'skillos_recent_routed_queries 1',
      'skillos_recent_abstention_ratio 1',
      'skillos_recent_override_ratio 0',
    ];
    expect(await samples(metrics)).toEqual(expect.arrayContaining(expected));
    const away = openMetrics({ runs: () => Promise.reject(new Error('away')) });
    expect(await samples(away)).toContain('skillos_recent_routed_queries Nan');
    expect(await samples(openMetrics())).toContain('skillos_recent_success_ratio Nan');
    const { text } = await metrics.render({ withRuns: false });
    expect(text).toContain('skillos_jobs_queued');
    expect(text).not.toContain('skillos_recent_');
  });

  test('describes every metric', async () => {
    const { text } = await openMetrics().render();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const described = [...text.matchAll(/^# HELP (\S+) [A-Z].*\.$/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(described));
    expect(described.filter((name) => name?.startsWith('skillos_'))).toHaveLength(22);
  });
});
