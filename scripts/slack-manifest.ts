type Json = Readonly<Record<string, unknown>>;

/** The manifest of one of the two ways from the one source. Throws when the source is no manifest, or the URL none. */
export function slackManifest(source: unknown, publicUrl: string | undefined): Json {
  const manifest = recordOf(source, 'manifest');
  if (publicUrl === undefined) return manifest;
  const url = requestUrl(publicUrl);
  const settings = recordOf(manifest.settings, 'settings');
  const features = recordOf(manifest.features, 'features');
  const commands = Array.isArray(features.slash_commands) ? features.slash_commands : [];
  return {
    ...manifest,
    features: {
      ...features,
      slash_commands: commands.map((command) => ({ ...recordOf(command, 'command'), url })),
    },
    settings: {
      ...settings,
      event_subscriptions: {
        request_url: url,
        ...recordOf(settings.event_subscriptions, 'event_subscriptions'),
      },
      interactivity: {
        ...recordOf(settings.interactivity, 'interactivity'),
        request_url: url,
        message_menu_options_url: url,
      },
      socket_mode_enabled: false,
    },
  };
}

function requestUrl(publicUrl: string): string {
  if (!URL.canParse(publicUrl) || new URL(publicUrl).protocol !== 'https:')
    throw new Error(`${publicUrl} is no address that Slack can reach: it begins with https://.`);
  return `${publicUrl.replace(/\/$/, '')}/slack/events`;
}

function recordOf(value: unknown, name: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`manifest/slack.yaml has no ${name}.`);
}
