import type { GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import { AnthropicApi } from './anthropic.ts';
import type { ProviderApi } from './provider-api.ts';

/** Opens the API of the team's provider. Each provider's libraries are loaded only where they are used. */
export async function openProviderApi(
  { provider }: Pick<GatewayConfig, 'provider'>,
  credentials: Credentials,
): Promise<ProviderApi> {
  switch (provider?.name) {
    case undefined:
      return new AnthropicApi(credentials);
    case 'bedrock': {
      const [{ BedrockApi }, { AwsSigner }] = await Promise.all([
        import('./bedrock.ts'),
        import('./aws-signer.ts'),
      ]);
      return new BedrockApi(new AwsSigner(credentials, provider.region ?? '', undefined));
    }
    default:
      throw new Error(`unknown provider ${provider?.name}`);
  }
}
