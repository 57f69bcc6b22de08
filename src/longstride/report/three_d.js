// Draws the last frames side by side with 3Dmol.js, once the reader comes near them.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("snapshots").textContent);
  const section = document.getElementById("frames");
  const choice = document.getElementById("frames-choice");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const sides = ["surrogate", "reference"];
  const viewers = {};

  function available() {
    const context = document.createElement("canvas").getContext("webgl2");
    if (context === null) return false;
    const loss = context.getExtension("WEBGL_lose_context");
    if (loss !== null) loss.loseContext();
    return true;
  }

  function drawCell(viewer, cell, colour) {
    const corner = (i, j, k) => {
      const sum = (a) => i * cell[0][a] + j * cell[1][a] + k * cell[2][a];
      return { x: sum(0), y: sum(1), z: sum(2) };
    };
    for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      const edges = [
        [corner(0, i, j), corner(1, i, j)],
        [corner(i, 0, j), corner(i, 1, j)],
        [corner(i, j, 0), corner(i, j, 1)],
      ];
      for (const [start, end] of edges) {
        viewer.addCylinder({ start, end, radius: 0.1, color: colour, fromCap: 1, toCap: 1 });
      }
    }
  }

  function draw() {
    const frame = data.frames[choice === null ? 0 : choice.selectedIndex];
    const style = getComputedStyle(section);
    const [card, ink] = ["--card", "--ink-soft"].map((name) => style.getPropertyValue(name).trim());
    for (const side of sides) {
      const viewer = viewers[side];
      viewer.setBackgroundColor(card);
      viewer.removeAllModels();
      viewer.removeAllShapes();
      viewer.addModel().addAtoms(
        frame[side].map(([x, y, z], index) => ({
          elem: data.elements[frame.kinds[index]][0], x, y, z, bonds: [], bondOrder: [],
        })),
      );
      for (const [elem, color, radius] of data.elements) {
        viewer.setStyle({ elem }, { sphere: { color, radius } });
      }
      if (frame.cell !== null) drawCell(viewer, frame.cell, ink);
    }
  }

  function start() {
    if (!available()) return;
    for (const side of sides) {
      const place = document.getElementById(`view-${side}`);
      place.replaceChildren();
      // The page scrolls under the wheel; with Ctrl, or two fingers on a touchpad, the view zooms.
      place.addEventListener("wheel", (event) => {
        if (!event.ctrlKey) event.stopPropagation();
      }, { capture: true });
      viewers[side] = window.$3Dmol.createViewer(place, { disableFog: true, orthographic: true });
    }
    draw();
    const [first, second] = sides.map((side) => viewers[side]);
    first.zoomTo();
    first.zoom(1.7);
    first.rotate(-25, "y");
    first.rotate(12, "x");
    second.setView(first.getView());
    first.linkViewer(second);
    second.linkViewer(first);
    render();
    if (choice !== null) choice.addEventListener("change", redraw);
    dark.addEventListener("change", redraw);
  }

  function render() {
    for (const side of sides) viewers[side].render();
  }

  function redraw() {
    draw();
    render();
  }

  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    start();
  }, { rootMargin: "300px" });
  watcher.observe(section);
})();
