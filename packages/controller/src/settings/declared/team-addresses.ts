import type { SettingsTable } from '../setting.ts';
import { ALLOWED_URLS, API_FEATURES, NAME, URL_TEXT } from '../types.ts';

/** What teams reach outside their pods, what it costs, and whom they trust. */
export interface TeamAddressSettings {
  readonly pricesConfigMap?: string;
  readonly apiFeatures?: readonly string[];
  readonly trustConfigMap?: string;
  readonly apiUrl?: string;
  readonly allowedApiUrls?: readonly string[];
  readonly tokenUrl?: string;
  readonly hostingUrl?: string;
}

export const TEAM_ADDRESS_SETTINGS: SettingsTable<TeamAddressSettings> = {
  pricesConfigMap: {
    variable: 'AGENTTEAM_PRICES_CONFIGMAP',
    type: NAME,
    summary: 'ConfigMap with the key `prices.yaml`, which replaces or extends the price table',
    details: 'It must exist in every namespace with teams.',
    whenUnset: 'the built-in prices',
    chart: { path: 'teams.pricesConfigMap' },
  },
  apiFeatures: {
    variable: 'AGENTTEAM_API_FEATURES',
    type: API_FEATURES,
    summary:
      'additional betas, server tools, request fields and sources of files of the Messages API that teams may use',
    details:
      'By default, gateways allow those whose cost they can count, and none with which the API calls other addresses. Example: `web_fetch_20250910` and `web-fetch-2025-09-10`.',
    chart: { path: 'teams.apiFeatures' },
  },
  trustConfigMap: {
    variable: 'AGENTTEAM_TRUST_CONFIGMAP',
    type: NAME,
    summary:
      'ConfigMap with the key `ca.crt` (PEM): additional certificate authorities for team pods',
    details:
      'It must exist in every namespace with teams. Everything in team pods except agents trusts them.',
    whenUnset: 'the public authorities only',
    chart: {
      path: 'trust.configMap',
      summary:
        'ConfigMap with the key `ca.crt` (PEM): additional certificate authorities, such as that of a proxy that inspects TLS',
      details:
        "It must exist in the controller's namespace and in every namespace with teams. The controller and everything in team pods except agents trust them.",
    },
  },
  apiUrl: {
    variable: 'AGENTTEAM_API_URL',
    type: URL_TEXT,
    summary: "base URL of the model provider's API, for all teams",
    details: 'The placeholder `{agent}` becomes the name of the agent.',
    whenUnset: "the address of each team's provider",
    chart: { path: 'teams.apiUrl' },
  },
  allowedApiUrls: {
    variable: 'AGENTTEAM_ALLOWED_API_URLS',
    type: ALLOWED_URLS,
    summary: 'base URLs that a team may name in auth.baseUrl, or be below; none forbids the field',
    details:
      "A team's credential is sent to that address, so restrict it where people may create teams but must not read the Secrets that teams use.",
    whenUnset: 'every address is allowed',
    chart: { path: 'teams.allowedApiUrls' },
  },
  tokenUrl: {
    variable: 'AGENTTEAM_TOKEN_URL',
    type: URL_TEXT,
    summary: 'base URL of the service that gives gateways the tokens of AWS, Google Cloud or Entra',
    details:
      'For a sovereign cloud or a private endpoint: https://login.microsoftonline.us, or https://sts.cn-north-1.amazonaws.com.cn.',
    whenUnset: "the provider's own",
    chart: { path: 'teams.tokenUrl' },
  },
  hostingUrl: {
    variable: 'AGENTTEAM_HOSTING_URL',
    type: URL_TEXT,
    summary: "base URL of the hosting service's REST API",
    details:
      'GitHub Enterprise Server at git.example.com has https://git.example.com/api/v3. A URL that ends in /api/v4 is GitLab.',
    whenUnset: "derived from the repository's address",
    chart: { path: 'teams.hostingUrl' },
  },
};
