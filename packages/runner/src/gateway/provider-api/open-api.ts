import { PATHS, under } from '@agentteam/contract';
import type { GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import { AnthropicApi } from './anthropic.ts';
import type { ProviderApi } from './provider-api.ts';

type Config = Pick<
  GatewayConfig,
  'provider' | 'workloadIdentity' | 'tokenUrl' | 'proxies' | 'root'
>;

/**
 * Opens the API of the team's provider. Each provider's libraries are loaded only where they are used. A bundle
 * cannot import their CommonJS on demand, so our own modules are imported, which import it.
 */
export async function openProviderApi(
  { provider, workloadIdentity: identity, tokenUrl, proxies, root }: Config,
  credentials: Credentials,
): Promise<ProviderApi> {
  if (provider === undefined) return new AnthropicApi(credentials);
  const tokenFile = `${under(root, PATHS.identity)}/token`;
  const token = { credentials, identity, tokenFile, tokenUrl };
  switch (provider.name) {
    case 'bedrock': {
      const [{ BedrockApi }, { AwsSigner }] = await Promise.all([
        import('./bedrock.ts'),
        import('./aws-signer.ts'),
      ]);
      const region = provider.region ?? '';
      if (identity === undefined)
        return new BedrockApi(new AwsSigner(credentials, region, undefined));
      const { AwsIdentity } = await import('./aws-identity.ts');
      const own = new AwsIdentity({ identity, region, tokenFile, tokenUrl, proxies });
      return new BedrockApi(new AwsSigner(credentials, region, own));
    }
    case 'vertex': {
      const [{ VertexApi }, { GoogleToken }] = await Promise.all([
        import('./vertex.ts'),
        import('./google-token.ts'),
      ]);
      return new VertexApi(provider, new GoogleToken(token));
    }
    case 'foundry': {
      const [{ FoundryApi }, { EntraToken }] = await Promise.all([
        import('./foundry.ts'),
        import('./entra-token.ts'),
      ]);
      return new FoundryApi(new EntraToken(token));
    }
  }
}
