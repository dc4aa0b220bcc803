import { expect, test } from '@jest/globals';
import { team } from '../controller/teams.ts';
import { useStages } from './stages.ts';

/* Pods that the kubelet cannot start: what it reports reaches the team's status. */

const { open, site } = useStages();

test('a sidecar whose program does not exist stops the team, which has spent nothing', async () => {
  const { repository, tag } = site().image;
  const broken = { name: 'broken', image: `${repository}:${tag}`, command: ['no-such-program'] };
  const at = await open({ team: () => team('broken', { environment: { sidecars: [broken] } }) });
  await at.start();
  const status = await at.ended();
  expect(status.phase).toBe('Failed');
  expect(status.message).toMatch(
    /^The team was stopped, because a pod of it cannot start\. .*the sidecar broken cannot start: .*"no-such-program": executable file not found/,
  );
  expect(status.estimatedCost).toBe('0.00');
});

test('a Secret that does not exist is named, and the team starts when it exists', async () => {
  const at = await open({ team: () => team('locked') });
  await at.kubectl('delete', 'secret', 'anthropic');
  await at.start();
  const message = await at.until(
    ({ lead }) => lead?.phase === 'Pending' && /anthropic/.test(lead.message ?? '') && lead.message,
  );
  expect(message).toMatch(/^FailedMount: .*secret "anthropic" not found/);
  await at.kubectl(
    ...['create', 'secret', 'generic', 'anthropic', '--from-literal=ANTHROPIC_API_KEY=sk-ant-x'],
  );
  expect(await at.ended()).toMatchObject({ phase: 'Completed' });
});
