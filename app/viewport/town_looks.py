"""The looks of a town: ground with its grain, water, walls with windows, shadows of houses, pools of lamp light.

They share the light and the uniforms of `shaders`. Windows are drawn by the pixel, so that a wall is two triangles
however many it has; where they are smaller than a pixel, walls have the mean of both.
"""

from __future__ import annotations

from app.viewport.floorplan import STOREY
from app.viewport.plane_ground import METRES
from app.viewport.shaders import BLENDED, COMMON, LIGHT, ONCE, Look

VERTEX = """
attribute vec4 a_vert;
attribute vec4 a_norm;
attribute vec4 a_col;
"""

GROUND_VERTEX = (
    LIGHT
    + VERTEX
    + f"""
varying vec3 v_color;
varying vec2 v_at;        // metres
varying vec4 v_grain;     // speckles a metre and their strength, joints a metre and theirs
varying float v_grid;
void main() {{
    gl_Position = u_mvp * vec4(a_vert.xyz, 1.0);
    float seen = clear(a_vert.xy, gl_Position.w);
    v_color = finish(lit(a_col.rgb, vec3(0.0, 0.0, 1.0), 0.0, 0.0), seen);
    v_at = a_vert.xy * {METRES:.5f};
    float near = 1.0 - smoothstep(20.0, 90.0, gl_Position.w);
    float far = 1.0 - smoothstep(60.0, 220.0, gl_Position.w);
    v_grain = vec4(a_norm.x, a_norm.y * seen * far, a_norm.z, a_norm.w * seen * near);
    v_grid = a_col.w;
}}"""
)
GROUND_FRAGMENT = """
varying vec3 v_color;
varying vec2 v_at;
varying vec4 v_grain;
varying float v_grid;
void main() {
    vec3 q = fract(floor(v_at * v_grain.x).xyx * 0.1031);
    q += dot(q, q.yzx + 33.33);
    float grain = fract((q.x + q.y) * q.z) - 0.5;
    vec2 j = abs(fract(v_at * v_grain.z) - 0.5);
    float joint = smoothstep(0.44, 0.5, max(j.x * v_grid, j.y));
    gl_FragColor = vec4(v_color * (1.0 + v_grain.y * grain - v_grain.w * joint), 1.0);
}"""

POND_VERTEX = (
    LIGHT
    + VERTEX
    + """
varying vec4 v_color;     // rgb, how far waves are seen
varying vec3 v_sky;
varying vec4 v_at;        // x y, how much is seen, how flat one looks
uniform vec3 u_eye;
void main() {
    gl_Position = u_mvp * vec4(a_vert.xyz, 1.0);
    float seen = clear(a_vert.xy, gl_Position.w);
    v_color = vec4(lit(a_col.rgb, vec3(0.0, 0.0, 1.0), 0.0, 0.0), 1.0 - smoothstep(30.0, 140.0, gl_Position.w));
    v_sky = mix(u_air[0].rgb, u_air[1].rgb, 0.55);
    v_at = vec4(a_vert.xy, seen, 1.0 - max(normalize(u_eye - a_vert.xyz).z, 0.0));
}"""
)
POND_FRAGMENT = """
uniform mat4 u_air;
uniform float u_time;
varying vec4 v_color;
varying vec3 v_sky;
varying vec4 v_at;
void main() {
    vec2 p = v_at.xy;
    float wave = sin(1.9 * p.x + 1.1 * p.y + 0.9 * u_time) + sin(2.3 * p.y - 1.7 * p.x - 0.7 * u_time);
    wave *= v_color.a;
    float f = v_at.w * v_at.w;
    vec3 c = mix(v_color.rgb * (1.0 + 0.05 * wave), v_sky, 0.06 + 0.6 * f * f + 0.03 * wave);
    gl_FragColor = vec4(sqrt(clamp(mix(u_air[0].rgb, c, v_at.z), 0.0, 1.0)), 1.0);
}"""

FACADE_VERTEX = (
    LIGHT
    + """
attribute vec4 a_vert;    // xyz, windows along the wall so far, below 0 where there are none
attribute vec4 a_norm;    // xyz, the house's number 0..1
attribute vec4 a_col;     // rgb, 1 for walls
varying vec3 v_wall;
varying vec3 v_glass;
varying vec3 v_lamp;
varying vec4 v_at;        // windows along, storeys up, the house's number, how far windows are seen
varying float v_blur;
void main() {
    gl_Position = u_mvp * vec4(a_vert.xyz, 1.0);
    float seen = clear(a_vert.xy, gl_Position.w);
    vec3 n = a_norm.xyz;
    float low = a_col.w * 0.16 * (1.0 - smoothstep(0.0, 2.2, a_vert.z));       // street lamps shine on walls
    v_wall = finish(lit(a_col.rgb, n, low, 0.0), seen);
    vec3 glass = lit(vec3(0.09, 0.12, 0.16), n, 0.0, 0.0) + 0.16 * u_air[1].rgb;
    v_glass = finish(glass, seen);
    v_lamp = finish(glass + u_light[0].w * vec3(1.0, 0.62, 0.24), seen);
    v_at = vec4(a_vert.w, a_vert.z * STOREYS, floor(a_norm.w * 997.0), a_col.w * step(0.0, a_vert.w));
    v_blur = 0.0011 * gl_Position.w;
}"""
).replace("STOREYS", f"{1 / STOREY:.6f}")
FACADE_FRAGMENT = """
varying vec3 v_wall;
varying vec3 v_glass;
varying vec3 v_lamp;
varying vec4 v_at;
varying float v_blur;
void main() {
    vec2 f = abs(fract(v_at.xy) - vec2(0.5, 0.56));
    vec3 q = fract(floor(vec3(v_at.xy, v_at.z + 0.5)) * vec3(0.1031, 0.1130, 0.0973));
    q += dot(q, q.yzx + 33.33);
    vec3 pane = mix(v_glass, v_lamp, step(0.52, fract((q.x + q.y) * q.z)));
    float b = clamp(v_blur, 0.012, 0.2);
    vec2 hole = 1.0 - smoothstep(vec2(0.22, 0.24) - b, vec2(0.22, 0.24) + b, f);
    vec2 frame = 1.0 - smoothstep(vec2(0.27, 0.29) - b, vec2(0.27, 0.29) + b, f);
    hole.x *= smoothstep(0.0, 0.02 + b, f.x);                // a bar down the middle
    vec3 c = mix(v_wall, mix(v_wall * 1.14, pane, hole.x * hole.y), frame.x * frame.y);
    vec3 mean = mix(v_wall, 0.5 * (v_glass + v_lamp), 0.21);
    c = mix(c, mean, smoothstep(0.15, 0.4, v_blur));
    gl_FragColor = vec4(mix(v_wall, c, v_at.w), 1.0);
}"""

CAST_VERTEX = (
    LIGHT
    + """
attribute vec4 a_vert;    // xyz, how high what casts the shadow is there
varying float v_dark;
void main() {
    vec3 sun = u_light[0].xyz;
    vec2 away = -sun.xy / max(sun.z, 0.3) * a_vert.w;
    gl_Position = u_mvp * vec4(a_vert.xy + away, 0.025, 1.0);
    gl_Position.z -= 1e-4 * gl_Position.w;
    float strong = dot(u_light[1].rgb, vec3(0.3, 0.5, 0.2));
    v_dark = clear(a_vert.xy, gl_Position.w) * 0.46 * min(strong * 1.3, 1.0);
}"""
)
CAST_FRAGMENT = "varying float v_dark; void main() { gl_FragColor = vec4(0.05, 0.07, 0.14, v_dark); }"

POOL_VERTEX = (
    COMMON
    + """
attribute vec2 a_quad;
varying vec3 v_q;
void main() {
    vec2 p = a_quad * i_anim.x * step(0.02, u_light[0].w);
    gl_Position = u_mvp * vec4(i_place.xyz + vec3(p, 0.035), 1.0);
    gl_Position.z -= 1.2e-4 * gl_Position.w;
    v_q = vec3(a_quad, clear(i_place.xy, gl_Position.w) * u_light[0].w);
}"""
)
POOL_FRAGMENT = """
varying vec3 v_q;
void main() {
    float d = max(1.0 - dot(v_q.xy, v_q.xy), 0.0);
    gl_FragColor = vec4(1.0, 0.76, 0.42, 0.34 * v_q.z * d * d);
}"""

GROUND = Look(GROUND_VERTEX, GROUND_FRAGMENT)
POND = Look(POND_VERTEX, POND_FRAGMENT)
FACADE = Look(FACADE_VERTEX, FACADE_FRAGMENT)
CAST = Look(CAST_VERTEX, CAST_FRAGMENT, ONCE)
POOL = Look(POOL_VERTEX, POOL_FRAGMENT, BLENDED)
