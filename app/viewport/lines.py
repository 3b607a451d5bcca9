"""The shader of lines that are never thinner than two pixels: trails on the ground, and ties as arcs above it."""

from __future__ import annotations

LINE_VERTEX = """
uniform mat4 u_mvp;
attribute vec4 a_vert;    // how far along, side -1 or 1
attribute vec4 i_place;   // x y z of the start, width
attribute vec4 i_anim;    // x y z of the end, height of the arc
attribute vec4 i_color;   // rgb as displayed, opacity
varying vec4 v_c;
varying vec2 v_side;
vec4 at(float t) {
    float high = 0.06 + i_anim.w * 4.0 * t * (1.0 - t);
    return u_mvp * vec4(mix(i_place.xyz, i_anim.xyz, t) + vec3(0.0, 0.0, high), 1.0);
}
void main() {
    vec4 p = at(a_vert.x), q = at(a_vert.x + 0.02);
    vec2 scale = vec2(length(vec3(u_mvp[0][0], u_mvp[1][0], u_mvp[2][0])),
                      length(vec3(u_mvp[0][1], u_mvp[1][1], u_mvp[2][1])));
    vec2 along = (q.xy / max(q.w, 0.01) - p.xy / max(p.w, 0.01)) / scale;
    vec2 side = vec2(-along.y, along.x) / max(length(along), 1e-6);
    float w = max(i_place.w, p.w * 0.0016);        // never thinner than about two pixels
    p.xy += side * a_vert.y * w * scale;
    p.z -= 3e-4 * p.w;
    gl_Position = p;
    v_c = i_color;
    v_side = vec2(a_vert.x, a_vert.y);
}"""
LINE_FRAGMENT = """
varying vec4 v_c;
varying vec2 v_side;
void main() {
    float edge = 1.0 - smoothstep(0.55, 1.0, abs(v_side.y));
    gl_FragColor = vec4(v_c.rgb, v_c.a * edge);
}"""
