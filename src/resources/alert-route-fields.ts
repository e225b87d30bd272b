import { z } from 'zod';
import { refusalOf } from '../access/secret-reference.ts';
import { type AlertFormat, type Authentication, alertFormats, authentications } from '../alerts/port.ts';
import type { Field } from './definition.ts';
import { choice, flag, integer, paragraph, place, secretReference, text, texts, written } from './field.ts';

const formatLabels: Readonly<Record<AlertFormat, string>> = {
  alertmanager: 'Prometheus Alertmanager',
  grafana: 'Grafana',
  pagerduty: 'PagerDuty (V3 webhooks)',
  json: 'Plain JSON',
};

const authenticationLabels: Readonly<Record<Authentication, string>> = {
  token: 'A token: Authorization Bearer, or Basic with it for a password',
  signature: 'A signature: HMAC-SHA256 of the body',
  none: 'None: from this machine in LAB alone',
};

const pathName = z
  .string({ error: 'Write a text.' })
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: 'Small letters, digits and hyphens, at most 63.' });

const headerName = z
  .string({ error: 'Write a text.' })
  .regex(/^[A-Za-z0-9-]{0,80}$/, { error: 'Must be the name of a header.' });

/** Who posts to a route, and how it shows who it is. */
export const sendingFields: Readonly<Record<string, Field>> = {
  name: written({
    label: 'Name',
    help: 'The last part of its path: alerts are posted to /hooks/alerts/<name>.',
    schema: pathName,
    placeholder: 'production',
  }),
  format: choice({
    label: 'Sender',
    help: 'Who posts to it.',
    choices: alertFormats.map((value) => ({ value, label: formatLabels[value] })),
  }),
  authentication: choice({
    label: 'Proof',
    help: 'How the sender shows that it is the one.',
    initial: 'token',
    choices: authentications.map((value) => ({ value, label: authenticationLabels[value] })),
  }),
  secret_key: secretReference({
    label: 'Secret reference',
    help: 'Where the token or the key of the signature is: env:NAME, file:name, vault:mount/path#field. Never the secret.',
    initial: '',
    refuse: refusalOf,
    shownWhen: { field: 'authentication', in: ['token', 'signature'] },
  }),
  timestamp_header: written({
    label: 'Time header',
    help: 'Of Grafana’s signature: the header that carries its time, as it is set there. Empty: none does.',
    initial: '',
    schema: headerName,
    shownWhen: { field: 'format', in: ['grafana'] },
    placeholder: 'X-Grafana-Alerting-Timestamp',
  }),
};

/** Where alerts are told of, and how they are grouped. */
export const tellingFields: Readonly<Record<string, Field>> = {
  target: place({
    label: 'Where to',
    help: 'A channel by mention or #name, or an address: web:ops, slack:<team id>:<channel id>, the id of a thread. Empty: the ops channel.',
    initial: '',
    placeholder: 'web:ops',
  }),
  template: paragraph({
    label: 'Template',
    help: 'What a card says of its first alert, with {{labels.x}}, {{annotations.x}}, {{name}}, {{status}}, {{severity}}, {{summary}}, {{description}}. Empty: summary and description.',
    initial: '',
    max: 2000,
  }),
  group_by: texts({
    label: 'Group by',
    help: 'Labels whose values make alerts one group, with one thread. Empty: as the sender groups them, else by name.',
    initial: [],
    max: 100,
  }),
  severity_label: text({
    label: 'Severity label',
    help: 'The label that says how bad an alert is.',
    initial: 'severity',
    max: 100,
  }),
  mention_owner: flag({
    label: 'Mention the owner',
    help: 'Of what is critical, the owner is told by name.',
    initial: true,
  }),
  auto_close: flag({
    label: 'Close by itself',
    help: 'On: what is resolved needs nobody any more. Off: people close it.',
    initial: true,
  }),
  reopen_minutes: integer({
    label: 'Goes on within',
    help: 'What fires again so soon after it was resolved goes on in its thread.',
    initial: 10,
    min: 0,
    max: 10_080,
    unit: 'min',
  }),
  dedupe_minutes: integer({
    label: 'Repetitions within',
    help: 'A delivery that its sender names is known again for so long.',
    initial: 60,
    min: 1,
    max: 10_080,
    unit: 'min',
  }),
  groups_per_minute: integer({
    label: 'Threads a minute',
    help: 'When more groups begin within a minute, the others share one thread.',
    initial: 10,
    min: 1,
    max: 1000,
  }),
  alerts_per_minute: integer({
    label: 'Alerts a minute',
    help: 'What begins beyond that shares one thread; beyond ten times that, senders are told to wait.',
    initial: 2000,
    min: 1,
    max: 100_000,
  }),
};

const whenInvestigated = { field: 'investigate', in: ['true'] } as const;

/** What the model does about them. */
export const investigatingFields: Readonly<Record<string, Field>> = {
  investigate: flag({
    label: 'Investigate',
    help: 'The model looks into each new thread, with tools that only read and the owner’s permissions.',
    initial: true,
  }),
  instructions: paragraph({
    label: 'Instructions',
    help: 'What the model should know or look at first.',
    initial: '',
    max: 10_000,
    shownWhen: whenInvestigated,
  }),
  tools: texts({
    label: 'Tools',
    help: 'Names or patterns of the tools it may use, such as host__*; of these those that only read. Empty: all that only read.',
    initial: [],
    max: 200,
    shownWhen: whenInvestigated,
  }),
  investigations_per_hour: integer({
    label: 'Investigations an hour',
    help: 'Beyond that, threads open without one and say so. Of several, the last is kept for a storm.',
    initial: 10,
    min: 0,
    max: 1000,
    shownWhen: whenInvestigated,
  }),
};
