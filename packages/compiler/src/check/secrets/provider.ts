import type { AgentTeam } from '@agentteam/api';
import { aliasModels, MODEL_ALIASES, PROVIDER_NAMES } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';

type Auth = NonNullable<AgentTeam['spec']['auth']>;
type Provider = NonNullable<Auth['provider']>;

/** The fields of `auth` that belong to some providers only: those that need a field come first. */
const FIELDS: Readonly<
  Record<string, { readonly needed: readonly Provider[]; readonly allowed: readonly Provider[] }>
> = {
  region: { needed: ['bedrock', 'vertex'], allowed: [] },
  project: { needed: ['vertex'], allowed: [] },
  resource: { needed: ['foundry'], allowed: [] },
  models: { needed: [], allowed: ['bedrock', 'vertex', 'foundry'] },
  credentialsSecret: { needed: [], allowed: ['bedrock', 'vertex', 'foundry'] },
  workloadIdentity: { needed: [], allowed: ['bedrock', 'vertex', 'foundry'] },
  credentials: { needed: [], allowed: ['anthropic'] },
  apiKeySecret: { needed: [], allowed: ['anthropic'] },
  oauthSecret: { needed: [], allowed: ['anthropic'] },
};

/** The same for `auth.workloadIdentity`. */
const IDENTITY_FIELDS: typeof FIELDS = {
  roleArn: { needed: [], allowed: ['bedrock'] },
  audience: { needed: ['vertex'], allowed: [] },
  serviceAccountEmail: { needed: [], allowed: ['vertex'] },
  clientId: { needed: ['foundry'], allowed: [] },
  tenantId: { needed: ['foundry'], allowed: [] },
};

const EXAMPLES: Readonly<Record<string, string>> = {
  region: 'for example region: us-east-1 (bedrock) or region: global (vertex)',
  project: 'for example project: my-project',
  resource: 'NAME in https://NAME.services.ai.azure.com',
  audience:
    'for example //iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/teams/providers/cluster',
  clientId: 'the client id of the managed identity or application',
  tenantId: 'the id of the Entra tenant',
};

/** Checks that `auth` has the fields of its provider and no others, and that the models can be used there. */
export function checkProvider(team: AgentTeam): readonly Problem[] {
  const { auth } = team.spec;
  if (auth === undefined) return [];
  const provider = auth.provider ?? 'anthropic';
  const path = ['spec', 'auth'];
  const identity = auth.workloadIdentity;
  return [
    ...checkFields(provider, FIELDS, auth, path),
    ...(identity === undefined
      ? []
      : checkFields(provider, IDENTITY_FIELDS, identity, [...path, 'workloadIdentity'])),
    ...(auth.credentialsSecret !== undefined && identity !== undefined
      ? [
          {
            code: 'provider-field',
            path: [...path, 'workloadIdentity'],
            message: 'auth has both `credentialsSecret` and `workloadIdentity`',
            hint: 'remove one of them',
          },
        ]
      : []),
    ...checkRegion(auth),
    ...checkAccounts(team, identity?.serviceAccountName),
    ...checkModels(team, auth),
  ];
}

/** A pod has one service account: the agent's environment cannot name another one than the gateway's. */
function checkAccounts(team: AgentTeam, account: string | undefined): readonly Problem[] {
  if (account === undefined) return [];
  const named = [
    { environment: team.spec.environment, path: ['spec', 'environment'] },
    ...agentsOf(team).map(({ agent, path }) => ({
      environment: agent.environment,
      path: [...path, 'environment'],
    })),
  ];
  return named.flatMap(({ environment, path }) => {
    const own = environment?.serviceAccountName;
    if (own === undefined || own === account) return [];
    return [
      {
        code: 'provider-field',
        path: [...path, 'serviceAccountName'],
        message: `the pods run under \`${account}\` (auth.workloadIdentity), and cannot run under \`${own}\``,
        hint: 'remove it, or use the same service account for both',
      },
    ];
  });
}

const AWS_REGION = /^[a-z]{2,3}(?:-[a-z]+){1,3}-[0-9]$/;

function checkRegion({ provider, region }: Auth): readonly Problem[] {
  if (provider !== 'bedrock' || region === undefined || AWS_REGION.test(region)) return [];
  return [
    {
      code: 'provider-field',
      path: ['spec', 'auth', 'region'],
      message: `\`${region}\` is not a region of AWS`,
      hint: 'for example us-east-1; for global inference, keep the region and use a model such as global.anthropic.claude-opus-5-5',
    },
  ];
}

function checkFields(
  provider: Provider,
  fields: typeof FIELDS,
  values: object,
  path: Problem['path'],
): readonly Problem[] {
  return Object.entries(fields).flatMap(([name, { needed, allowed }]): readonly Problem[] => {
    const isSet = (values as Record<string, unknown>)[name] !== undefined;
    if (!isSet && needed.includes(provider)) {
      return [
        {
          code: 'provider-field',
          path,
          message: `the provider \`${provider}\` needs the field \`${name}\``,
          ...(EXAMPLES[name] !== undefined && { hint: EXAMPLES[name] }),
        },
      ];
    }
    const owners = [...needed, ...allowed];
    if (!isSet || owners.includes(provider)) return [];
    return [
      {
        code: 'provider-field',
        path: [...path, name],
        message: `the provider \`${provider}\` does not use \`${name}\``,
        hint: hintFor(name, owners),
      },
    ];
  });
}

function hintFor(name: string, owners: readonly Provider[]): string {
  if (name === 'credentialsSecret') return 'use apiKeySecret or oauthSecret, or set auth.provider';
  if (['credentials', 'apiKeySecret', 'oauthSecret'].includes(name)) {
    return 'use credentialsSecret or workloadIdentity for this provider';
  }
  return `remove it, or set auth.provider: ${owners.join(' or ')}`;
}

/** Geographies of Bedrock's inference profiles. Those of other geographies do not exist in a region. */
const PROFILE = /^(us|eu|jp|au|us-gov)\.anthropic\./;

function checkModels(
  team: AgentTeam,
  { provider, region = '', models = {} }: Auth,
): readonly Problem[] {
  if (provider === undefined || provider === 'anthropic' || provider === 'foundry') return [];
  const named = [
    ...agentsOf(team).map(({ agent, path }) => ({ model: agent.model, path: [...path, 'model'] })),
    ...MODEL_ALIASES.map((alias) => ({
      model: models[alias],
      path: ['spec', 'auth', 'models', alias],
    })),
  ];
  return named.flatMap(({ model, path }) => {
    const problem = model === undefined ? undefined : modelProblem(provider, model, region);
    return problem === undefined ? [] : [{ code: 'provider-model', path, ...problem }];
  });
}

function modelProblem(
  provider: 'bedrock' | 'vertex',
  model: string,
  region: string,
): Pick<Problem, 'message' | 'hint'> | undefined {
  if (provider === 'vertex') {
    if (!model.includes('anthropic.') && !model.startsWith('arn:')) return undefined;
    return {
      message: `\`${model}\` is a model id of ${PROVIDER_NAMES.bedrock}`,
      hint: 'use an id of Vertex AI, for example claude-sonnet-4-5@20250929',
    };
  }
  const [, area] = PROFILE.exec(model) ?? [];
  const example = aliasModels('bedrock', region).sonnet;
  const [own] = PROFILE.exec(example)?.slice(1) ?? [];
  if (area !== undefined && area !== own) {
    return {
      message: `the inference profile \`${model}\` does not exist in the region ${region}`,
      hint: `use one that does, for example ${example}`,
    };
  }
  if (!model.includes('@')) return undefined;
  return {
    message: `\`${model}\` is a model id of ${PROVIDER_NAMES.vertex}`,
    hint: `use an inference profile of Bedrock, for example ${example}`,
  };
}
