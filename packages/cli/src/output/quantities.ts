const prefixes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes for people, by powers of 1,000 and with two or three digits: `512 B`, `1.2 GB`, `340 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let index = 0;
  while (Number(threeDigits(value, index)) >= 1000 && index < prefixes.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${threeDigits(value, index)} ${prefixes[index]}`;
}

function threeDigits(value: number, index: number): string {
  return index === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
}

/** `1,234,567`. */
export function countText(count: number): string {
  const [whole = '', fraction] = String(count).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

const units = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'm', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** A duration in its two largest units: `3 h 12 m`, `8 h`, `45 s`. What is smaller is cut off. */
export function durationText(seconds: number): string {
  if (seconds < 0) return `-${durationText(-seconds)}`;
  const largest = units.findIndex((unit) => seconds >= unit.seconds);
  if (largest === -1) return '0 s';
  let rest = Math.floor(seconds);
  const parts: string[] = [];
  for (const unit of units.slice(largest, largest + 2)) {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    if (count > 0) parts.push(`${count} ${unit.name}`);
  }
  return parts.join(' ');
}

/** An instant in the local time zone: `2026-11-22 03:00:12`. What is no instant stays as it is. */
export function timeText(instant: string): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return instant;
  const two = (part: number) => String(part).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
