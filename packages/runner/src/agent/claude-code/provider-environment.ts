import type { GatewayAddress, ProviderRef } from '@agentteam/contract';

/**
 * The variables with which Claude Code 2.1.330 speaks the format of the team's provider to the gateway. The
 * gateway's token opens the agent's own gateway and nothing else.
 */
export function providerEnvironment(
  provider: ProviderRef | undefined,
  { url, token }: Pick<GatewayAddress, 'url' | 'token'>,
): Readonly<Record<string, string>> {
  if (provider === undefined) return { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: token };
  const { name, region = '', project = '', models } = provider;
  const shared = {
    // Claude Code sends no credential of its own to these providers if it skips their authentication.
    ANTHROPIC_CUSTOM_HEADERS: `x-api-key: ${token}`,
    ANTHROPIC_DEFAULT_OPUS_MODEL: models.opus,
    ANTHROPIC_DEFAULT_SONNET_MODEL: models.sonnet,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: models.haiku,
    ANTHROPIC_DEFAULT_FABLE_MODEL: models.fable,
  };
  switch (name) {
    case 'bedrock':
      return {
        ...shared,
        CLAUDE_CODE_USE_BEDROCK: '1',
        CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1',
        ANTHROPIC_BEDROCK_BASE_URL: url,
        AWS_REGION: region,
      };
    case 'vertex':
      return {
        ...shared,
        CLAUDE_CODE_USE_VERTEX: '1',
        CLAUDE_CODE_SKIP_VERTEX_AUTH: '1',
        ANTHROPIC_VERTEX_BASE_URL: `${url}/v1`,
        ANTHROPIC_VERTEX_PROJECT_ID: project,
        CLOUD_ML_REGION: region,
      };
    case 'foundry':
      return {
        ...shared,
        CLAUDE_CODE_USE_FOUNDRY: '1',
        CLAUDE_CODE_SKIP_FOUNDRY_AUTH: '1',
        ANTHROPIC_FOUNDRY_BASE_URL: url,
      };
  }
}
