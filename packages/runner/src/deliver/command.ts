import { join } from 'node:path';
import {
  type DeliverSpec,
  ENV,
  EXIT,
  LEAD,
  OUTPUTS,
  PATHS,
  REPOSITORY,
  under,
} from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { readAgentState } from '@agentteam/volume';
import { readChecks } from '../checks/record.ts';
import { openRepository, type TeamRepository } from '../git/index.ts';
import { withRemoteAccess } from '../git/remote/access.ts';
import { trustAuthority } from '../git/remote/network.ts';
import { parseRemoteUrl } from '../git/remote/url.ts';
import type { GitOptions } from '../git/run.ts';
import { changesBetween } from '../git/scope/changes.ts';
import { type Claim, openClaim } from '../step/claim.ts';
import { runStep, StepFailure } from '../step/failure.ts';
import { readTeam } from '../step/live.ts';
import { writeOutputs } from '../step/outputs.ts';
import { say } from '../step/say.ts';
import { readSpec } from '../step/spec.ts';
import { withVerifiedResult } from './clean-clone.ts';
import { type CleanHistory, cleanMessages } from './clean-messages.ts';
import { refuseSecrets } from './committed-secrets.ts';
import { type Delivery, recordDelivery } from './delivery.ts';
import { reach } from './hosting/reach.ts';
import { hostingToken, serviceOf } from './hosting/service-of.ts';
import { pullRequestBody } from './pull-request-body.ts';
import { pushResult } from './push.ts';

/** Hands the team's result over, as `onComplete` says. Run again it comes to the same. */
export function deliverCommand(
  env: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('deliver', env, async (root) => {
    const spec = readSpec<DeliverSpec>(env);
    const claim = await openClaim(root, spec);
    const delivery =
      (await nothingToDeliver(claim)) ??
      (spec.repository === undefined
        ? { outcome: `The result is in ${spec.output ?? PATHS.work}.` }
        : await deliverBranch(env, claim, spec, signal));
    await writeOutputs(root, outputsOf(delivery));
    await recordDelivery(claim.directories.state, delivery);
    say(delivery.outcome);
  });
}

/**
 * What the lead reported decides whether anything is delivered. A lead that failed, or did not report,
 * has failed its step, so that this one does not run; it is checked again before anything leaves.
 * @returns undefined where the result is to be delivered.
 */
async function nothingToDeliver({ directories }: Claim): Promise<Delivery | undefined> {
  const { reported } = (await readAgentState(directories.state, LEAD)) ?? {};
  switch (reported?.outcome) {
    case 'completed':
      return undefined;
    case 'nothing-to-do':
      return {
        outcome: `Nothing was delivered: the lead reported that there was nothing to do. ${reported.reason}`,
      };
    case undefined:
      throw new StepFailure(
        'the lead did not report how the team ended, so nothing is delivered',
        EXIT.unreported,
      );
    default:
      throw new StepFailure(
        `the lead reported ${reported?.outcome}, so nothing is delivered: ${reported?.reason}`,
        EXIT.unreported,
      );
  }
}

function outputsOf({ outcome, branch, pullRequest }: Delivery) {
  return {
    outcome,
    ...(branch === undefined ? {} : { branch }),
    ...(pullRequest === undefined
      ? {}
      : {
          [OUTPUTS.pullRequestUrl]: pullRequest.url,
          [OUTPUTS.pullRequestState]: pullRequest.state,
        }),
  };
}

async function deliverBranch(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: DeliverSpec,
  signal: AbortSignal,
): Promise<Delivery> {
  const root = env[ENV.root] ?? '';
  const repository = await openRepository(root, spec, claim.directories.state);
  return withVerifiedResult(repository, signal, ({ commit, clean }) =>
    deliverCommit(env, claim, spec, repository, commit, clean),
  );
}

async function deliverCommit(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: DeliverSpec,
  repository: TeamRepository,
  commit: string,
  clean: GitOptions,
): Promise<Delivery> {
  const { resultBranch: branch, directory } = repository;
  if ((await changesBetween(repository.base, commit, clean)).length === 0) {
    return { outcome: 'The team changed nothing, so there is nothing to deliver.' };
  }
  if (spec.onComplete === 'none' || spec.onComplete === 'notify') {
    const words = `The result is on branch ${branch} of ${join(directory, REPOSITORY.result)}, commit ${commit}. It was not pushed.`;
    return { outcome: words, branch };
  }
  const agreed = await refuseSecrets(repository, commit, spec.acceptedSecrets ?? [], clean);
  const credentials = under(env[ENV.root] ?? '', `${PATHS.credentials}/git`);
  const pushed = await withRemoteAccess(spec.repository?.url ?? '', credentials, async (access) => {
    const history = await cleanMessages(repository, commit, access, clean);
    await pushResult(repository, history.commit, access, clean);
    return history;
  });
  const delivery =
    spec.onComplete === 'push-branch'
      ? { outcome: `Pushed ${branch} (${pushed.commit.slice(0, 12)}).`, branch }
      : await openPullRequest(env, claim, spec, repository, clean.signal);
  const notes = [...rewrittenNote(pushed), ...secretsNote(agreed)];
  return { ...delivery, outcome: [delivery.outcome, ...notes].join('\n') };
}

/** Whoever reads the outcome learns that agents wrote what may not pass. */
function rewrittenNote({ rewritten }: CleanHistory): readonly string[] {
  if (rewritten === 0) return [];
  const commits = rewritten === 1 ? 'one commit' : `${rewritten} commits`;
  return [
    `The messages of ${commits} were changed before the push: they contained mentions, references, commands, trailers or hidden characters.`,
  ];
}

function secretsNote(agreed: number): readonly string[] {
  if (agreed === 0) return [];
  const what = agreed === 1 ? 'one likely secret' : `${agreed} likely secrets`;
  return [`It contains ${what} that lifecycle.acceptedSecrets lets through.`];
}

async function openPullRequest(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: DeliverSpec,
  { resultBranch: branch, branch: startedFrom }: TeamRepository,
  signal: AbortSignal,
): Promise<Delivery> {
  const { pullRequest, repository, members } = spec;
  const root = env[ENV.root] ?? '';
  await trustAuthority(under(root, `${PATHS.credentials}/git`));
  const service = serviceOf(
    parseRemoteUrl(repository?.url ?? ''),
    await hostingToken(root),
    env[ENV.hostingUrl],
    reach(env),
  );
  const live = await readTeam(claim, members);
  const checks = spec.checked ? await readChecks(claim.directories.state) : undefined;
  const published = await service.publish(
    {
      head: branch,
      base: pullRequest?.targetBranch ?? startedFrom,
      title: textFor(
        'pull-request-title',
        pullRequest?.title ?? `Work of the agent team ${spec.team}`,
      ),
      body: pullRequestBody(spec, members, live, checks),
      reviewers: pullRequest?.reviewers ?? [],
      labels: pullRequest?.labels ?? [],
    },
    signal,
  );
  const verb = published.updated ? 'Updated' : 'Opened';
  return {
    outcome: [`${verb} ${published.url}`, ...published.notes].join('\n'),
    branch,
    pullRequest: { url: published.url, state: published.state },
  };
}
