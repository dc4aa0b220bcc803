import type { AgentTeam } from '@agentteam/api';
import {
  type CheckSpec,
  COMPLETION_ACTIONS,
  type CredentialRef,
  DELIVER_EVENT,
  delivers,
  type LeftoverRules,
  type NotifySpec,
  type OnComplete,
  type OnLimit,
  type OnProviderLimit,
  PORTS,
  type PullRequestSpec,
  parseDuration,
  type QuestionRules,
  type RepositoryRef,
  spawnEvent,
  type TeamRef,
} from '@agentteam/contract';
import { type ResolvedAgent, type ResolvedGate, resolveAgents, resolveGate } from './agents.ts';
import { filesOf } from './environment.ts';
import { outputClaimName, teamClaimName, workflowName } from './names.ts';
import { type ResolvedProvider, resolveProvider } from './provider.ts';
import { parseSize } from './size.ts';
import { expandTemplate } from './template-text.ts';

/** A team with all values that its spec leaves open filled in. Later stages read this and not the spec. */
export interface ResolvedTeam {
  /** The team's own name and namespace. */
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly ref: TeamRef;
  /** Lead first. */
  readonly agents: readonly ResolvedAgent[];
  readonly gates: readonly ResolvedGate[];
  readonly teamClaim: string;
  readonly repository?: RepositoryRef;
  readonly inputs: readonly ResolvedInput[];
  readonly output?: ResolvedOutput;
  readonly limits: ResolvedLimits;
  /** Absent where agents cannot ask people. */
  readonly questions?: QuestionRules;
  /** Absent where the team has no quality gates. */
  readonly checks?: ResolvedChecks;
  readonly delivery: ResolvedDelivery;
  readonly provider: ResolvedProvider;
  readonly secrets: ResolvedSecrets;
  /** The team's own address of the Messages API. */
  readonly apiUrl?: string;
  readonly webhook?: NotifySpec;
  readonly metrics: { readonly isScraped: boolean; readonly port: number };
  readonly logLevel: string;
}

export interface ResolvedInput {
  readonly mountPath: string;
  readonly configMap?: string;
  readonly pvc?: string;
}

export interface ResolvedOutput {
  readonly mountPath: string;
  readonly claim: string;
  /** The claim to create; absent where the team names one that exists. */
  readonly created?: { readonly size: string; readonly storageClass?: string };
}

export interface ResolvedLimits {
  /** As the spec has it: `4h`. */
  readonly timeout: string;
  readonly timeoutSeconds: number;
  readonly maxRestarts: number;
  readonly budgetLimit?: string;
  readonly onLimit: OnLimit;
  readonly onProviderLimit: OnProviderLimit;
}

export interface ResolvedChecks {
  readonly checks: readonly CheckSpec[];
  readonly validationScript: string;
  readonly timeoutSeconds: number;
  readonly rounds: number;
}

export interface ResolvedDelivery {
  readonly onComplete: OnComplete;
  readonly gate?: ResolvedGate;
  /** Only where a pull request is opened. */
  readonly pullRequest?: PullRequestSpec;
  readonly acceptedSecrets?: readonly string[];
}

/** Secrets, by name. */
export interface ResolvedSecrets {
  readonly api?: string;
  /** `auth.credentials`. Empty where the team has one credential or none. */
  readonly credentials: readonly CredentialRef[];
  /** For cloning. */
  readonly clone?: string;
  /** For pushing, where it is not the one for cloning. */
  readonly push?: string;
  /** For the hosting service's API; only where a pull request is opened. */
  readonly hosting?: string;
  readonly webhook?: string;
}

/** @param team a checked team: its durations are valid, and the names that it uses exist. */
export function resolve(team: AgentTeam): ResolvedTeam {
  const { spec, metadata } = team;
  const { lifecycle, observability } = spec;
  const { name, namespace } = metadata;
  const ref: TeamRef = { team: workflowName(name), namespace: namespace ?? 'default' };
  const gates = resolveGates(team);
  const agents = resolveAgents(team, gates);
  const repository = resolveRepository(team, agents);
  const output = resolveOutput(team);
  const checks = resolveChecks(team);
  const webhook = observability?.webhook;
  const timeoutSeconds = parseDuration(lifecycle.timeout) ?? 4 * 3600;
  return {
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    ref,
    agents,
    gates,
    teamClaim: teamClaimName(name),
    ...(repository !== undefined && { repository }),
    inputs: spec.workspace?.inputs ?? [],
    ...(output !== undefined && { output }),
    limits: {
      timeout: lifecycle.timeout,
      timeoutSeconds,
      maxRestarts: lifecycle.maxRestarts,
      ...(lifecycle.budgetLimit !== undefined && { budgetLimit: lifecycle.budgetLimit }),
      onLimit: lifecycle.onLimit,
      onProviderLimit: lifecycle.onProviderLimit,
    },
    ...(lifecycle.questions && {
      questions: questionRules(lifecycle.questions, timeoutSeconds),
    }),
    ...(checks !== undefined && { checks }),
    delivery: resolveDelivery(team, gates),
    provider: resolveProvider(team),
    secrets: resolveSecrets(team),
    ...(spec.auth?.baseUrl !== undefined && { apiUrl: spec.auth.baseUrl }),
    ...(webhook !== undefined && {
      webhook: {
        url: webhook.url,
        events: webhook.events ?? [],
        signed: webhook.secret !== undefined,
      },
    }),
    metrics: {
      isScraped: observability?.metrics?.enabled !== false,
      port: observability?.metrics?.port ?? PORTS.status,
    },
    logLevel: observability?.logLevel ?? 'info',
  };
}

/** A gate in front of a delivery that does not take place would only keep the team waiting. */
function resolveGates({ spec }: AgentTeam): readonly ResolvedGate[] {
  const { approvalGates = [], approvalTimeout, onComplete } = spec.lifecycle;
  const timeoutSeconds = approvalTimeout === undefined ? undefined : parseDuration(approvalTimeout);
  const events = [
    ...spec.teammates.map(({ name }) => spawnEvent(name)),
    ...(delivers(onComplete) ? [DELIVER_EVENT] : []),
  ];
  return approvalGates
    .filter(({ event }) => events.includes(event))
    .map((gate) => resolveGate(gate, timeoutSeconds));
}

type Questions = NonNullable<AgentTeam['spec']['lifecycle']['questions']>;

const DEADLINE_SECONDS = 3600;

function questionRules({ deadline, unanswered }: Questions, timeoutSeconds: number): QuestionRules {
  const preset = Math.min(DEADLINE_SECONDS, Math.ceil(timeoutSeconds / 2));
  const deadlineSeconds = deadline === undefined ? undefined : parseDuration(deadline);
  return { deadlineSeconds: deadlineSeconds ?? preset, unanswered };
}

function templateValues({ metadata }: AgentTeam) {
  return { TeamName: metadata.name, Namespace: metadata.namespace ?? 'default' };
}

function resolveRepository(
  team: AgentTeam,
  agents: readonly ResolvedAgent[],
): RepositoryRef | undefined {
  const { repository, lifecycle } = team.spec;
  if (repository === undefined) return undefined;
  const { url, branch, worktreeStrategy, setupCommand = [], leftovers, settings } = repository;
  const files = filesOf(agents);
  return {
    url,
    ...(branch !== undefined && { branch }),
    worktreeStrategy,
    resultBranch: expandTemplate(lifecycle.consolidatedBranchTemplate, templateValues(team)),
    setupCommand,
    ...(leftovers && { leftovers: leftoversOf(leftovers) }),
    ...(files.length > 0 && { placed: [...new Set(files.map(({ path }) => path))] }),
    ...(settings !== 'skills' && { settings }),
  };
}

type Leftovers = NonNullable<NonNullable<AgentTeam['spec']['repository']>['leftovers']>;

function leftoversOf({ ignore = [], maxFileSize }: Leftovers): LeftoverRules {
  return { ignore, maxFileSize: parseSize(maxFileSize) };
}

function resolveOutput({ metadata, spec }: AgentTeam): ResolvedOutput | undefined {
  const { output } = spec.workspace ?? {};
  if (output === undefined) return undefined;
  const { mountPath, pvc, size, storageClass } = output;
  if (pvc !== undefined) return { mountPath, claim: pvc };
  return {
    mountPath,
    claim: outputClaimName(metadata.name),
    created: { size, ...(storageClass !== undefined && { storageClass }) },
  };
}

function resolveChecks({ spec }: AgentTeam): ResolvedChecks | undefined {
  const { qualityGates } = spec;
  const { validationScript = '', rounds = 1, timeout = '' } = qualityGates ?? {};
  const { requireTests, requireLint, testCommand, lintCommand } = qualityGates ?? {};
  // A check that has a command is required.
  const check = (kind: CheckSpec['kind'], isRequired = false, command?: string) =>
    isRequired || command !== undefined
      ? [{ kind, ...(command !== undefined && { command }) }]
      : [];
  const checks = [
    ...check('test', requireTests, testCommand),
    ...check('lint', requireLint, lintCommand),
  ];
  if (checks.length === 0 && validationScript === '') return undefined;
  return { checks, validationScript, rounds, timeoutSeconds: parseDuration(timeout) ?? 900 };
}

function resolveDelivery(team: AgentTeam, gates: readonly ResolvedGate[]): ResolvedDelivery {
  const { onComplete, acceptedSecrets, pullRequest = {}, prTitleTemplate } = team.spec.lifecycle;
  const gate = gates.find(({ event }) => event === DELIVER_EVENT);
  const { targetBranch, reviewers = [], labels = [], titleTemplate } = pullRequest;
  const title = titleTemplate ?? prTitleTemplate ?? 'Work of {{.TeamName}}';
  return {
    onComplete,
    ...(gate !== undefined && { gate }),
    ...(COMPLETION_ACTIONS[onComplete].opensPullRequest && {
      pullRequest: {
        ...(targetBranch !== undefined && { targetBranch }),
        title: expandTemplate(title, templateValues(team)),
        reviewers,
        labels,
      },
    }),
    ...(acceptedSecrets && { acceptedSecrets }),
  };
}

function resolveSecrets({ spec }: AgentTeam): ResolvedSecrets {
  const { auth = {}, repository, lifecycle, observability } = spec;
  const api = auth.credentialsSecret ?? auth.apiKeySecret ?? auth.oauthSecret;
  const clone = repository?.credentialsSecret;
  const { gitCredentialsSecret: push, githubTokenSecret: hosting, onComplete } = lifecycle;
  const webhook = observability?.webhook?.secret;
  return {
    ...(api !== undefined && { api }),
    credentials: (auth.credentials ?? []).map(credentialOf),
    ...(clone !== undefined && { clone }),
    ...(push !== undefined && { push }),
    ...(hosting !== undefined && COMPLETION_ACTIONS[onComplete].opensPullRequest && { hosting }),
    ...(webhook !== undefined && { webhook }),
  };
}

type Credential = NonNullable<NonNullable<AgentTeam['spec']['auth']>['credentials']>[number];

function credentialOf({ name, apiKeySecret, oauthSecret = '' }: Credential): CredentialRef {
  return apiKeySecret === undefined
    ? { name, secret: oauthSecret, kind: 'oauth' }
    : { name, secret: apiKeySecret, kind: 'api-key' };
}
