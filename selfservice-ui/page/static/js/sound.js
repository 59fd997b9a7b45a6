// « Écouter le code »: plays on the page instead of opening the sound elsewhere, so that nothing typed is left behind.
for (const link of document.querySelectorAll('[data-efp-sound]')) {
  let player;
  link.removeAttribute('target');
  link.removeAttribute('title');
  link.setAttribute('role', 'button');
  const play = (event) => {
    event.preventDefault();
    if (!player) {
      player = document.createElement('audio');
      player.controls = true;
      player.setAttribute('aria-label', link.textContent);
      player.src = link.href;
      link.parentElement.append(player);
    }
    player.currentTime = 0;
    player.play();
  };
  link.addEventListener('click', play);
  link.addEventListener('keydown', (event) => { if (event.key === ' ') play(event); });
}
