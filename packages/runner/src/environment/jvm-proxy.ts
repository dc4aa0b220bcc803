import { ENV } from '@agentteam/contract';

/**
 * What makes Maven's HTTP client use the proxy of its JVM: that of Maven 3.9, and that of Maven 4. Earlier versions
 * do so anyway. Source: the configuration options of Maven Resolver 1.9 and 2.0.
 */
const MAVEN = [
  '-Daether.connector.http.useSystemProperties=true',
  '-Daether.transport.apache.useSystemProperties=true',
];

/** Options for the JVM by the variable that has them. */
const TOOLS = { MAVEN_OPTS: MAVEN, GRADLE_OPTS: [] } as const;

/**
 * Variables by which Maven and Gradle reach the network of a sandbox: a JVM does not read the proxy variables. A
 * JVM connects to loopback without a proxy.
 * @param env of the step, with the variables of the image.
 * @param own those that the team sets. Their options are kept.
 * @returns nothing outside of a sandbox.
 */
export function jvmProxy(
  env: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const gateway = env[ENV.gatewayUrl];
  if (gateway === undefined) return {};
  const { hostname, port } = new URL(gateway);
  const proxy = ['http', 'https'].flatMap((scheme) => [
    `-D${scheme}.proxyHost=${hostname}`,
    `-D${scheme}.proxyPort=${port}`,
  ]);
  return Object.fromEntries(
    Object.entries(TOOLS).map(([name, options]) => {
      const given = own[name] ?? env[name];
      return [name, [...proxy, ...options, ...(given === undefined ? [] : [given])].join(' ')];
    }),
  );
}
