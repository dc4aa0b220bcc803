import { expect, test } from '@jest/globals';
import { isExecutorLine } from '../../../src/teams/cluster/pod-logs.ts';

// Lines of Argo 4.1.2; the last one is from 3.6.
test.each([
  'time=2026-11-26T13:38:59.812Z level=INFO msg="sub-process exited" error=<nil> argo=true',
  'time=2026-11-26T13:38:56.098Z level=INFO msg="waiting for signals" argo=true signalPath=/var/run/argo/ctr/budget/signal',
  'time="2026-11-26T13:38:59.812Z" level=info msg="sub-process exited" argo=true error="<nil>"',
])('%s is hidden', (line) => {
  expect(isExecutorLine(line)).toBe(true);
});

test.each([
  'time=2026-11-26T13:38:59.812Z level=ERROR msg="failed to save outputs" argo=true',
  '13:38:57 tool Bash {"command":"echo time=1 level=INFO argo=true"}',
  '{"level":"info","time":"2026-11-26T13:38:56.238Z","event":"listening"}',
])('%s is shown', (line) => {
  expect(isExecutorLine(line)).toBe(false);
});
