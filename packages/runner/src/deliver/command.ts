import {
  type DeliverSpec,
  EXIT,
  LEAD,
  OUTPUTS,
  PATHS,
  type PullRequestSpec,
  under,
} from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { readAgentState } from '@agentteam/volume';
import { withRemoteAccess } from '../git/remote/access.ts';
import { parseRemoteUrl } from '../git/remote/url.ts';
import { openRepository, type TeamRepository } from '../git/repository.ts';
import { changesBetween } from '../git/scope/changes.ts';
import { openHostingService } from '../hosting/open-service.ts';
import type { PublishedChange } from '../hosting/service.ts';
import { readChecks } from '../records/checks.ts';
import { type Delivery, forgetDelivery, recordDelivery } from '../records/delivery.ts';
import { type Claim, openClaim } from '../step/claim.ts';
import { failureOf, runStep, StepFailure } from '../step/failure.ts';
import { writeOutputs } from '../step/outputs.ts';
import { print } from '../step/print.ts';
import { readSpec } from '../step/spec.ts';
import { readTeamLive } from '../step/team-live.ts';
import { type VerifiedResult, withVerifiedResult } from './clean-clone.ts';
import { type CleanHistory, cleanMessages } from './clean-messages.ts';
import { refuseSecrets } from './committed-secrets.ts';
import { pullRequestBody } from './pull-request-body.ts';
import { pushResult } from './push.ts';

/** What the functions of this step share. */
interface Step {
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  readonly spec: DeliverSpec;
  readonly claim: Claim;
  readonly signal: AbortSignal;
}

/**
 * `agentteam-runner deliver`: delivers the team's result as `onComplete` says. Running it again
 * gives the same result.
 */
export function deliverCommand(
  env: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('deliver', env, async (root) => {
    const spec = readSpec<DeliverSpec>(env);
    const step = { env, root, spec, claim: await openClaim(root, spec), signal };
    await forgetDelivery(step.claim.directories.state);
    const delivery = await deliver(step);
    await writeOutputs(root, outputsOf(delivery));
    await recordDelivery(step.claim.directories.state, delivery);
    print(delivery.outcome);
  });
}

/** @throws StepFailure when the lead did not report the team's work as completed. */
async function deliver(step: Step): Promise<Delivery> {
  const { root, spec, claim, signal } = step;
  const { reported } = (await readAgentState(claim.directories.state, LEAD)) ?? {};
  if (reported?.outcome === 'nothing-to-do') {
    return {
      outcome: `Nothing was delivered: the lead reported that there was nothing to do. ${reported.reason}`,
    };
  }
  // A lead that reports anything else fails its own step, so that this one does not run. This step
  // holds credentials, and does not rely on that.
  if (reported?.outcome !== 'completed') {
    const message = "the lead did not report the team's work as completed, so nothing is delivered";
    throw new StepFailure(message, EXIT.unreported);
  }
  const repository = await openRepository(root, spec, claim.directories.state);
  return withVerifiedResult(repository, signal, (result) =>
    deliverResult(step, repository, result),
  );
}

function outputsOf({ outcome, branch, pullRequest }: Delivery) {
  return {
    outcome,
    ...(branch !== undefined && { branch }),
    ...(pullRequest === undefined
      ? {}
      : {
          [OUTPUTS.pullRequestUrl]: pullRequest.url,
          [OUTPUTS.pullRequestState]: pullRequest.state,
        }),
  };
}

async function deliverResult(
  step: Step,
  repository: TeamRepository,
  { commit, clean }: VerifiedResult,
): Promise<Delivery> {
  const { env, root, spec } = step;
  const { resultBranch: branch } = repository;
  if ((await changesBetween(repository.base, commit, clean)).length === 0) {
    return { outcome: 'The team changed nothing, so there is nothing to deliver.' };
  }
  const accepted = await refuseSecrets(repository, commit, spec.acceptedSecrets ?? [], clean);
  const credentials = under(root, `${PATHS.credentials}/git`);
  const pushed = await withRemoteAccess(
    env,
    spec.repository?.url ?? '',
    credentials,
    async (access) => {
      const history = await cleanMessages(repository, commit, access, clean);
      await pushResult(repository, history.commit, access, clean);
      return history;
    },
  );
  const delivery =
    spec.pullRequest === undefined
      ? { outcome: `Pushed ${branch} (${pushed.commit.slice(0, 12)}).`, branch }
      : await openPullRequest(step, repository, spec.pullRequest, pushed.commit).catch(
          (error: unknown) => {
            step.signal.throwIfAborted();
            const { message, exitCode } = failureOf(error);
            throw new StepFailure(`${branch} was pushed. ${message}`, exitCode, error);
          },
        );
  const notes = [...rewrittenNote(pushed), ...secretsNote(accepted)];
  return { ...delivery, outcome: [delivery.outcome, ...notes].join('\n') };
}

function rewrittenNote({ rewritten }: CleanHistory): readonly string[] {
  if (rewritten === 0) return [];
  const commits = rewritten === 1 ? 'one commit' : `${rewritten} commits`;
  return [
    `The messages of ${commits} were changed before the push: they contained mentions, references, commands, trailers or hidden characters.`,
  ];
}

function secretsNote(accepted: number): readonly string[] {
  if (accepted === 0) return [];
  const what = accepted === 1 ? 'one likely secret' : `${accepted} likely secrets`;
  return [`It contains ${what} that lifecycle.acceptedSecrets allows.`];
}

async function openPullRequest(
  { env, spec, claim, signal }: Step,
  { resultBranch: branch, branch: start }: TeamRepository,
  { targetBranch = start, title, reviewers, labels }: PullRequestSpec,
  commit: string,
): Promise<Delivery> {
  const { repository, members } = spec;
  const service = await openHostingService(env, parseRemoteUrl(repository?.url ?? ''));
  const live = await readTeamLive(claim, members);
  const checks = spec.checked ? await readChecks(claim.directories.state) : undefined;
  const published = await service.publish(
    {
      head: branch,
      commit,
      base: targetBranch,
      title: textFor('pull-request-title', title),
      body: pullRequestBody(spec, members, live, checks),
      reviewers,
      labels,
    },
    signal,
  );
  return {
    outcome: [publishedText(published), ...published.notes].join('\n'),
    branch,
    pullRequest: { url: published.url, state: published.state },
  };
}

function publishedText({ url, state, updated }: PublishedChange): string {
  if (state === 'open') return `${updated ? 'Updated' : 'Opened'} ${url}`;
  return `${url} has this result already, and was ${state}. No other pull request was opened.`;
}
