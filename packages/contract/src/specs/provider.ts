/** The services that offer Claude's models, besides Anthropic's own API. */
export const CLOUD_PROVIDERS = ['bedrock', 'vertex', 'foundry'] as const;
export type CloudProvider = (typeof CLOUD_PROVIDERS)[number];

/** Claude Code's variables for the base URL of each provider's API. */
export const BASE_URLS: Readonly<Record<CloudProvider | 'anthropic', string>> = {
  anthropic: 'ANTHROPIC_BASE_URL',
  bedrock: 'ANTHROPIC_BEDROCK_BASE_URL',
  vertex: 'ANTHROPIC_VERTEX_BASE_URL',
  foundry: 'ANTHROPIC_FOUNDRY_BASE_URL',
};

/** The model provider of a team, where it is not Anthropic. */
export interface ProviderRef {
  readonly name: CloudProvider;
  /** AWS region, or Google Cloud location (a region, `us`, `eu` or `global`). */
  readonly region?: string;
  /** Google Cloud project. */
  readonly project?: string;
  /** Foundry resource. */
  readonly resource?: string;
  /** The provider's model ids by the aliases of Claude Code. */
  readonly models: AliasModels;
}

/**
 * The identity of the pod's service account at the provider. Its token is at `PATHS.identity`, in the
 * gateway's container only.
 */
export interface WorkloadIdentity {
  /** IAM role to assume. Absent on Bedrock: EKS Pod Identity supplies the role. */
  readonly roleArn?: string;
  /** Provider in a workload identity pool of Google Cloud, and the service account to impersonate. */
  readonly audience?: string;
  readonly serviceAccountEmail?: string;
  /** Application and tenant of Entra. */
  readonly clientId?: string;
  readonly tenantId?: string;
}

export const MODEL_ALIASES = ['opus', 'sonnet', 'haiku', 'fable'] as const;
export type ModelAlias = (typeof MODEL_ALIASES)[number];
export type AliasModels = Readonly<Record<ModelAlias, string>>;

/** Names of the providers in messages. */
export const PROVIDER_NAMES: Readonly<Record<CloudProvider, string>> = {
  bedrock: 'Amazon Bedrock',
  vertex: 'Vertex AI',
  foundry: 'Microsoft Foundry',
};

/** The models that Claude Code 2.1.330 asks a provider for when it is given an alias. */
const ALIASES: Readonly<Record<CloudProvider, AliasModels>> = {
  bedrock: {
    opus: 'anthropic.claude-opus-5-5',
    sonnet: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
    haiku: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    fable: 'anthropic.claude-fable-5-2',
  },
  vertex: {
    opus: 'claude-opus-5-5',
    sonnet: 'claude-sonnet-4-5@20250929',
    haiku: 'claude-haiku-4-5@20251001',
    fable: 'claude-fable-5-2',
  },
  foundry: {
    opus: 'claude-opus-4-6',
    sonnet: 'claude-sonnet-4-5',
    haiku: 'claude-haiku-4-5',
    fable: 'claude-fable-5-2',
  },
};

/** The models of the aliases at a provider. Those on Bedrock are inference profiles for the region's geography. */
export function aliasModels(provider: CloudProvider, region = ''): AliasModels {
  const models = ALIASES[provider];
  if (provider !== 'bedrock') return models;
  const prefix = profilePrefix(region);
  const { opus, sonnet, haiku, fable } = models;
  return {
    opus: `${prefix}.${opus}`,
    sonnet: `${prefix}.${sonnet}`,
    haiku: `${prefix}.${haiku}`,
    fable: `${prefix}.${fable}`,
  };
}

/**
 * The geography of Bedrock's inference profiles in a region. Japan and Australia have their own, and the other
 * regions of Asia have global profiles only for these models.
 */
function profilePrefix(region: string): string {
  if (region.startsWith('us-gov-')) return 'us-gov';
  if (region.startsWith('us-')) return 'us';
  if (region.startsWith('eu-')) return 'eu';
  if (/^ap-northeast-[13]$/.test(region)) return 'jp';
  return /^ap-southeast-[24]$/.test(region) ? 'au' : 'global';
}

/** The model id for `claude --model` that a provider gets. Ids stay as they are, without the mark for a long context. */
export function modelAt({ models }: ProviderRef, model: string): string {
  const plain = model.replace(/\[1m\]$/, '');
  if (plain === 'best' || plain === 'opusplan') return models.opus;
  const alias = MODEL_ALIASES.find((name) => name === plain);
  return alias === undefined ? plain : models[alias];
}

/** The base URL of a provider's API, as its own documentation gives it. */
export function providerUrl({ name, region = '', resource = '' }: ProviderRef): string {
  switch (name) {
    case 'bedrock':
      return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
    case 'vertex':
      if (region === 'global') return 'https://aiplatform.googleapis.com';
      return region === 'us' || region === 'eu'
        ? `https://aiplatform.${region}.rep.googleapis.com`
        : `https://${region}-aiplatform.googleapis.com`;
    case 'foundry':
      return `https://${resource}.services.ai.azure.com/anthropic`;
  }
}

/** Header of a rehearsal's error response: the script or the recording has no reply for the request. */
export const REHEARSAL_MISTAKE = 'x-agentteam-rehearsal-mistake';
