#!/usr/bin/env node
// The command `kubectl agentteam`. The CLI knows by the name it was started under that it works on a cluster.
await import('./agentteam.mjs');
