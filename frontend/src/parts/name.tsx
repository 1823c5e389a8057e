/** Text a person chose: what turns directions in it ends with it. */
export function Name({ text }: { text: string }) {
  return <bdi class="name">{text}</bdi>;
}
