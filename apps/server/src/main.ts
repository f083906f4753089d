#!/usr/bin/env node
import { PROTOCOL_NAME } from '@fleetwire/websocket-core';

process.stdout.write(`Fleetwire server (${PROTOCOL_NAME}): the server is not part of this build.\n`);
process.exitCode = 1;
