import type { Connection } from './connection.ts';
import { type BoundedRequest, getBytes } from './get-bytes.ts';

/** A GET request to a port of a pod in the connection's namespace. */
export interface PodRequest extends BoundedRequest {
  readonly pod: string;
  readonly port: number;
}

/**
 * Sends a GET request to a pod through the API server. An agent may have written the response.
 * @throws Error when there is no response with status 200 within the limits.
 */
export async function getFromPod(
  connection: Connection,
  { pod, port, path, ...limits }: PodRequest,
): Promise<Buffer> {
  const [namespace, target] = [connection.namespace, `${pod}:${port}`].map(encodeURIComponent);
  const proxied = `/api/v1/namespaces/${namespace}/pods/${target}/proxy/${path}`;
  return getBytes(connection, { ...limits, path: proxied });
}
