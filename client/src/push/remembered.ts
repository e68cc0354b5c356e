/** What this browser remembers of pushes: for whom they are switched on, and its own name as a device. */

const KEY = 'vaultify.push';

interface Remembered {
  userId: string;
  /** A new subscription of the same device takes the old one's place. */
  deviceId: string;
}

/** The device's name if this user has switched pushes on here. */
export function rememberedDevice(userId: string): string | null {
  const remembered = read();
  return remembered?.userId === userId ? remembered.deviceId : null;
}

export function rememberDevice(userId: string): string {
  const deviceId = read()?.deviceId ?? newDeviceId();
  write({ userId, deviceId });
  return deviceId;
}

export function forgetDevice(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // a browser that keeps nothing has nothing to forget
  }
}

function read(): Remembered | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return isRemembered(value) ? value : null;
  } catch {
    return null;
  }
}

function write(value: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // pushes work until the page is left; then they are switched on again by hand
  }
}

function isRemembered(value: unknown): value is Remembered {
  const fields = value as Partial<Remembered> | null;
  return typeof fields?.userId === 'string' && typeof fields.deviceId === 'string';
}

function newDeviceId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
