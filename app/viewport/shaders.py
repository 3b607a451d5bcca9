"""The shaders: one snippet of light that all looks share, and a look for each way in which things are drawn.

Uniforms that all looks share, each a mat4 whose columns are (GLSL: u_light[0] is the first row of the numpy array):
- u_light: direction to the sun or moon and night (0..1), its light and where fog starts, light of the sky and length of
  the fog, light from the ground and 1 where soft near edges are drawn;
- u_air: colour of the fog and 0, colour of the zenith and how many stars, glow round the sun or moon and clouds,
  half the land's size east-west and north-south, how far the land's edge fades, and 0.
- u_mvp: the world to the clip space. Colours are linear; the display's gamma is taken as 2.

VisPy reads uniforms only one a line.
"""

from __future__ import annotations

from typing import NamedTuple

from app.viewport.lines import LINE_FRAGMENT, LINE_VERTEX
from app.viewport.sky import PLAIN_SKY_FRAGMENT, SKY_FRAGMENT, SKY_VERTEX

LIGHT = """
uniform mat4 u_light;
uniform mat4 u_air;
uniform mat4 u_mvp;
vec3 lit(vec3 albedo, vec3 n, float lamp, float glow) {
    float night = u_light[0].w;
    vec3 light = u_light[1].rgb * max(dot(n, u_light[0].xyz), 0.0)
               + mix(u_light[3].rgb, u_light[2].rgb, 0.5 + 0.5 * n.z) + vec3(1.15, 0.64, 0.25) * lamp * night;
    return albedo * light + glow * night * vec3(1.45, 0.84, 0.30);
}
float clear(vec2 at, float depth) {               // how much is seen through fog and through the haze of the edge
    float d = max(depth - u_light[1].w, 0.0) / u_light[2].w;
    float out_ = length(max(abs(at) - u_air[3].xy, 0.0)) / u_air[3].z;
    float e = 1.0 - min(out_, 1.0);
    return exp(-d * d) * e * e * (3.0 - 2.0 * e);
}
vec3 finish(vec3 c, float seen) { return sqrt(clamp(mix(u_air[0].rgb, c, seen), 0.0, 1.0)); }
"""

COMMON = (
    LIGHT
    + """
attribute vec4 i_place;   // x y z heading
attribute vec4 i_anim;    // scale phase gait|height highlight
attribute vec4 i_color;   // rgb (linear), lamp light received
vec2 turn(vec2 p, float a) { float c = cos(a), s = sin(a); return vec2(c * p.x - s * p.y, s * p.x + c * p.y); }
"""
)

VERTEX_ATTRIBUTES = """
attribute vec4 a_vert;    // xyz, limb swing | sway | lamp light
attribute vec4 a_norm;    // xyz, window glow
attribute vec4 a_col;     // rgb, weight of the instance's colour; below 0: a tone of skin or hair
varying vec3 v_color;
"""

PLAIN_FRAGMENT = "varying vec3 v_color; void main() { gl_FragColor = vec4(v_color, 1.0); }"

BAKED_VERTEX = (
    LIGHT
    + """
attribute vec4 a_vert;    // xyz in the world, lamp light
attribute vec4 a_norm;    // xyz, lit window
attribute vec4 a_col;     // rgb
varying vec3 v_color;
void main() {
    gl_Position = u_mvp * vec4(a_vert.xyz, 1.0);
    vec3 c = lit(a_col.rgb, a_norm.xyz, a_vert.w * (1.0 - 0.6 * max(a_norm.z, 0.0)), a_norm.w);
    v_color = finish(c, clear(a_vert.xy, gl_Position.w));
}"""
)

SOLID_VERTEX = (
    COMMON
    + VERTEX_ATTRIBUTES
    + """
uniform float u_time;
void main() {
    vec3 p = a_vert.xyz, n = a_norm.xyz;
    float stride = 9.0 * u_time + i_anim.y, gait = i_anim.z, beat = sin(stride);
    float idle = (1.0 - gait) * sin(1.7 * u_time + i_anim.y);      // who stands breathes and looks about
    float pivot = abs(a_vert.w) > 0.9 ? 0.22 : 0.43;               // legs swing from the hip, arms from the shoulder
    p.x += a_vert.w * beat * gait * 0.10 * clamp((pivot - p.z) * 5.0, 0.0, 1.0);
    p.z += abs(cos(stride)) * gait * 0.035 * step(0.15, p.z) + idle * 0.006 * step(0.15, p.z);
    p.y += beat * gait * 0.035 * p.z;
    float look = step(0.44, p.z) * idle * 0.35;
    p.xy = turn(p.xy, look);
    float c = cos(i_place.w), s = sin(i_place.w);
    p = vec3(c * p.x - s * p.y, s * p.x + c * p.y, p.z) * i_anim.x + i_place.xyz;
    n = vec3(c * n.x - s * n.y, s * n.x + c * n.y, n.z);
    float f = fract(i_anim.y * 3.31);
    vec3 tone = a_col.a < -0.7 ? mix(vec3(0.35), vec3(3.2, 2.6, 1.9), f * f)
              : a_col.a < 0.0 ? mix(vec3(0.36, 0.30, 0.27), vec3(1.05), f) : mix(vec3(1.0), i_color.rgb, a_col.a);
    vec3 albedo = a_col.rgb * tone;
    vec3 c3 = lit(albedo, n, i_color.a * (1.0 - 0.6 * max(n.z, 0.0)), a_norm.w) + i_anim.w * (0.30 * albedo + 0.035);
    gl_Position = u_mvp * vec4(p, 1.0);
    v_color = finish(c3, clear(p.xy, gl_Position.w));
}"""
)

PROP_VERTEX = (
    COMMON
    + VERTEX_ATTRIBUTES
    + """
void main() {
    float c = cos(i_place.w), s = sin(i_place.w);
    vec3 n = vec3(c * a_norm.x - s * a_norm.y, s * a_norm.x + c * a_norm.y, a_norm.z);
    vec3 p = vec3(c * a_vert.x - s * a_vert.y, s * a_vert.x + c * a_vert.y, a_vert.z) * i_anim.x + i_place.xyz;
    vec3 albedo = a_col.rgb * mix(vec3(1.0), i_color.rgb, a_col.a);
    float on = step(0.25, fract(i_anim.y * 7.31 + a_norm.w * 3.7));       // not every window is lit
    float low = 1.0 - 0.85 * smoothstep(0.45, 1.2, a_vert.z);              // lamps stand low
    vec3 c3 = lit(albedo, n, (i_color.a * low + a_vert.w) * (1.0 - 0.6 * max(n.z, 0.0)), a_norm.w * on);
    gl_Position = u_mvp * vec4(p, 1.0);
    v_color = finish(c3 + i_anim.w * 0.3 * albedo, clear(p.xy, gl_Position.w));
}"""
)

PLANT_VERTEX = (
    COMMON
    + VERTEX_ATTRIBUTES
    + """
uniform float u_time;
void main() {
    float c = cos(i_place.w), s = sin(i_place.w);
    vec3 n = vec3(c * a_norm.x - s * a_norm.y, s * a_norm.x + c * a_norm.y, a_norm.z);
    vec3 p = vec3(c * a_vert.x - s * a_vert.y, s * a_vert.x + c * a_vert.y, a_vert.z) * i_anim.x + i_place.xyz;
    float wind = sin(u_time * 1.3 + i_anim.y + 0.25 * i_place.x) + 0.5 * sin(u_time * 2.9 + 2.0 * i_anim.y);
    p.xy += wind * 0.022 * a_vert.w * a_vert.z * vec2(1.0, 0.4);
    vec3 albedo = a_col.rgb * mix(vec3(1.0), i_color.rgb, a_col.a);
    vec3 c3 = lit(albedo, n, i_color.a, 0.0);
    float through = max(-dot(n, u_light[0].xyz), 0.0) * a_vert.w;           // leaves let light through
    c3 += albedo * u_light[1].rgb * through * vec3(0.22, 0.26, 0.06);
    gl_Position = u_mvp * vec4(p, 1.0);
    v_color = finish(c3, clear(p.xy, gl_Position.w));
}"""
)

TILE_VERTEX = (
    COMMON
    + """
attribute vec4 a_vert;    // xyz (z -1: foot of a wall), rim: 0 centre .. 1 edge
attribute vec4 a_norm;    // outward direction of the edge
attribute vec4 a_col;     // rgb, 1 for walls
varying vec3 v_color;
varying vec3 v_bevel;
varying vec2 v_rim;
void main() {
    float c = cos(i_place.w), s = sin(i_place.w);
    vec3 b = vec3(c * a_norm.x - s * a_norm.y, s * a_norm.x + c * a_norm.y, 0.0);
    vec3 p = vec3(c * a_vert.x - s * a_vert.y, s * a_vert.x + c * a_vert.y, a_vert.z * i_anim.z) + i_place.xyz;
    vec3 albedo = i_color.rgb * a_col.rgb;
    gl_Position = u_mvp * vec4(p, 1.0);
    float seen = clear(p.xy, gl_Position.w);
    v_color = finish(lit(albedo, a_col.a > 0.5 ? b : vec3(0.0, 0.0, 1.0), i_color.a, 0.0), seen);
    v_bevel = finish(lit(albedo, normalize(vec3(0.8 * b.xy, 1.0)), i_color.a, 0.0) * 0.92, seen);
    v_rim = vec2(a_vert.w, u_light[3].w * (1.0 - i_anim.w) * (1.0 - smoothstep(25.0, 95.0, gl_Position.w)));
}"""
)
TILE_FRAGMENT = """
varying vec3 v_color;
varying vec3 v_bevel;
varying vec2 v_rim;
void main() { gl_FragColor = vec4(mix(v_color, v_bevel, smoothstep(0.90, 0.95, v_rim.x) * v_rim.y), 1.0); }"""
FLAT_TILE_VERTEX = (
    COMMON
    + """
attribute vec4 a_vert;
attribute vec4 a_norm;
attribute vec4 a_col;
varying vec3 v_color;
void main() {
    float c = cos(i_place.w), s = sin(i_place.w);
    vec3 p = vec3(c * a_vert.x - s * a_vert.y, s * a_vert.x + c * a_vert.y, a_vert.z * i_anim.z) + i_place.xyz;
    vec3 b = vec3(c * a_norm.x - s * a_norm.y, s * a_norm.x + c * a_norm.y, 0.0);
    gl_Position = u_mvp * vec4(p, 1.0);
    vec3 n = a_col.a > 0.5 ? b : vec3(0.0, 0.0, 1.0);
    v_color = finish(lit(i_color.rgb * a_col.rgb, n, i_color.a, 0.0), clear(p.xy, gl_Position.w));
}"""
)

WATER_VERTEX = (
    COMMON
    + """
attribute vec4 a_vert;    // xyz, rim
attribute vec4 a_norm;    // outward direction of the edge, its number 0..5
attribute vec4 a_col;
varying vec3 v_water;
varying vec4 v_at;        // x y, rim, shore
varying vec4 v_see;       // towards the eye, how much is seen
uniform vec3 u_eye;
uniform float u_time;
void main() {
    vec3 p = a_vert.xyz * vec3(1.012, 1.012, 1.0) + i_place.xyz;    // a little under its banks: no cracks
    p.z += 0.018 * sin(u_time * 1.1 + p.x * 1.3 + p.y * 0.9) * (1.0 - i_anim.w);
    gl_Position = u_mvp * vec4(p, 1.0);
    float shore = mod(floor(i_anim.z / exp2(a_norm.w) + 0.001), 2.0);
    v_water = i_color.rgb;
    v_at = vec4(p.xy, a_vert.w, shore);
    v_see = vec4(u_eye - p, clear(p.xy, gl_Position.w));
}"""
)
WATER_FRAGMENT = """
uniform mat4 u_light;
uniform mat4 u_air;
uniform float u_time;
varying vec3 v_water;
varying vec4 v_at;
varying vec4 v_see;
void main() {
    vec2 p = v_at.xy;
    float t = u_time;
    vec2 slope = 0.055 * vec2(cos(1.9 * p.x + 1.1 * p.y + 1.3 * t) + cos(3.7 * p.x - 2.3 * p.y + 1.7 * t),
                              cos(1.3 * p.y - 1.7 * p.x - 1.1 * t) + cos(4.1 * p.y + 2.9 * p.x + 2.1 * t));
    vec3 eye = normalize(v_see.xyz);
    float near = 1.0 - smoothstep(30.0, 110.0, length(v_see.xyz));
    vec3 n = normalize(vec3(slope * (0.25 + 0.75 * near), 1.0));
    vec3 light = u_light[1].rgb * max(dot(n, u_light[0].xyz), 0.0) + u_light[2].rgb;
    float f = 1.0 - max(dot(n, eye), 0.0);
    float fresnel = 0.04 + 0.62 * f * f * f * f;
    vec3 c = mix(v_water * light, mix(u_air[0].rgb, u_air[1].rgb, 0.55), fresnel);
    float spark = max(dot(reflect(-eye, n), u_light[0].xyz), 0.0);
    c += u_light[1].rgb * (pow(spark, 90.0) * 0.55 + pow(spark, 12.0) * 0.05);
    float wash = v_at.w * smoothstep(0.80 + 0.05 * sin(1.4 * t + 2.0 * p.x + 1.6 * p.y), 1.0, v_at.z);
    c = mix(c, (u_light[1].rgb * 0.55 + u_light[2].rgb) * vec3(0.80, 0.88, 0.86), 0.42 * wash);
    gl_FragColor = vec4(sqrt(clamp(mix(u_air[0].rgb, c, v_see.w), 0.0, 1.0)), 1.0);
}"""
FLAT_WATER_VERTEX = (
    COMMON
    + """
attribute vec4 a_vert;
attribute vec4 a_norm;
attribute vec4 a_col;
varying vec3 v_color;
uniform vec3 u_eye;
uniform float u_time;
void main() {
    vec3 p = a_vert.xyz * vec3(1.012, 1.012, 1.0) + i_place.xyz;    // a little under its banks: no cracks
    gl_Position = u_mvp * vec4(p, 1.0);
    vec3 eye = normalize(u_eye - p);
    float f = 1.0 - max(eye.z, 0.0);
    float shore = mod(floor(i_anim.z / exp2(a_norm.w) + 0.001), 2.0) * a_vert.w;
    float wave = 1.0 + 0.06 * sin(u_time * 0.9 + i_anim.y + 2.0 * a_vert.x);
    vec3 c = lit(i_color.rgb * wave, vec3(0.0, 0.0, 1.0), 0.0, 0.0);
    c = mix(c, mix(u_air[0].rgb, u_air[1].rgb, 0.55), 0.04 + 0.62 * f * f * f * f);
    v_color = finish(c * (1.0 + 0.14 * shore), clear(p.xy, gl_Position.w));
}"""
)

SHADOW_VERTEX = (
    COMMON
    + """
attribute vec2 a_quad;
uniform vec3 u_shape;     // radius, height, weight of i_anim.z as height
varying vec3 v_q;
void main() {
    vec3 sun = u_light[0].xyz;
    vec2 away = -normalize(sun.xy), side = vec2(-away.y, away.x);
    float r = i_anim.x * u_shape.x, h = i_anim.x * (u_shape.y + u_shape.z * i_anim.z);
    float reach = min(h * length(sun.xy) / sun.z, 2.0 * h) * 0.5;
    vec2 p = away * (a_quad.x * (r + reach) + reach * 0.9) + side * a_quad.y * r;
    gl_Position = u_mvp * vec4(i_place.xyz + vec3(p, 0.03), 1.0);
    float strong = dot(u_light[1].rgb, vec3(0.3, 0.5, 0.2));
    v_q = vec3(a_quad, clear(i_place.xy, gl_Position.w) * (0.16 + 0.36 * min(strong * 1.3, 1.0)));
    gl_Position.z -= 1e-4 * gl_Position.w;         // towards the eye, or far shadows flicker on their ground
}"""
)
SHADOW_FRAGMENT = """
varying vec3 v_q;
void main() {
    float d = dot(v_q.xy, v_q.xy);
    gl_FragColor = vec4(0.05, 0.07, 0.14, v_q.z * (1.0 - smoothstep(0.25, 1.0, d)));
}"""

RING_VERTEX = (
    COMMON
    + """
attribute vec2 a_quad;
varying vec2 v_q;
varying vec4 v_c;
uniform float u_time;
void main() {
    vec4 c = u_mvp * vec4(i_place.xyz, 1.0);
    float r = max(i_anim.x, c.w * 0.011) * (1.0 + 0.05 * sin(u_time * 4.0 + i_anim.y) * i_anim.z);  // at least 10 px
    gl_Position = u_mvp * vec4(i_place.xyz + vec3(a_quad * r, 0.05), 1.0);
    gl_Position.z -= 2e-4 * gl_Position.w;
    v_q = a_quad;
    v_c = i_color;
}"""
)
RING_FRAGMENT = """
varying vec2 v_q;
varying vec4 v_c;
void main() {
    float d = length(v_q);
    float dark = smoothstep(0.56, 0.64, d) * (1.0 - smoothstep(0.92, 1.0, d));
    float lite = smoothstep(0.66, 0.71, d) * (1.0 - smoothstep(0.85, 0.90, d));
    gl_FragColor = vec4(mix(vec3(0.08, 0.10, 0.16), v_c.rgb, lite),
                        v_c.a * max(dark * 0.55, lite) + 0.16 * v_c.a * (1.0 - smoothstep(0.6, 0.66, d)));
}"""

SMOKE_VERTEX = (
    COMMON
    + """
attribute vec2 a_quad;
varying vec3 v_q;
varying vec3 v_color;
uniform float u_time;
void main() {
    float age = fract(u_time * 0.09 + i_anim.y);
    vec3 p = i_place.xyz + vec3(0.55 * age * age, 0.25 * age * age, 0.15 + 1.9 * age);
    p.xy += 0.10 * age * vec2(sin(9.0 * age + 40.0 * i_anim.y), cos(7.0 * age + 20.0 * i_anim.y));
    vec2 scale = vec2(length(vec3(u_mvp[0][0], u_mvp[1][0], u_mvp[2][0])),
                      length(vec3(u_mvp[0][1], u_mvp[1][1], u_mvp[2][1])));
    gl_Position = u_mvp * vec4(p, 1.0);
    float seen = clear(p.xy, gl_Position.w);
    gl_Position.xy += a_quad * (0.06 + 0.26 * age) * i_anim.x * scale;
    v_q = vec3(a_quad, seen * 0.42 * smoothstep(0.0, 0.12, age) * (1.0 - age) * (1.0 - age));
    v_color = finish(vec3(0.80) * (u_light[1].rgb * 0.5 + u_light[2].rgb), 1.0);
}"""
)
SMOKE_FRAGMENT = """
varying vec3 v_q;
varying vec3 v_color;
void main() { gl_FragColor = vec4(v_color, v_q.z * (1.0 - smoothstep(0.0, 1.0, length(v_q.xy)))); }"""

HALO_VERTEX = (
    COMMON
    + """
attribute vec2 a_quad;
varying vec3 v_q;
void main() {
    gl_Position = u_mvp * vec4(i_place.xyz, 1.0);
    float seen = clear(i_place.xy, gl_Position.w) * u_light[0].w;
    vec2 scale = vec2(length(vec3(u_mvp[0][0], u_mvp[1][0], u_mvp[2][0])),
                      length(vec3(u_mvp[0][1], u_mvp[1][1], u_mvp[2][1])));
    gl_Position.xy += a_quad * i_anim.x * step(0.02, seen) * scale;
    gl_Position.z -= 0.004 * gl_Position.w;        // in front of the lamp itself
    v_q = vec3(a_quad, seen);
}"""
)
HALO_FRAGMENT = """
varying vec3 v_q;
void main() {
    float d = max(1.0 - length(v_q.xy), 0.0);
    gl_FragColor = vec4(1.0, 0.78, 0.42, v_q.z * (0.30 * d * d + 0.5 * d * d * d * d * d * d));
}"""

NOTHING_VERTEX = "attribute vec2 a_quad; void main() { gl_Position = vec4(a_quad, 0.0, 1.0); }"
NOTHING_FRAGMENT = "void main() { gl_FragColor = vec4(0.0); }"

OPAQUE, BLENDED, BEHIND, COVERED, ONCE = "opaque", "blended", "behind", "covered", "once"


class Look(NamedTuple):
    """A vertex shader, a fragment shader, and the state of GL: solid things, blended, behind all, covered.

    once: blended, but each pixel of a picture at most once, however many triangles lie over it.
    """

    vertex: str
    fragment: str
    state: str = OPAQUE


LOOKS = {
    "solid": Look(SOLID_VERTEX, PLAIN_FRAGMENT),
    "baked": Look(BAKED_VERTEX, PLAIN_FRAGMENT),
    "prop": Look(PROP_VERTEX, PLAIN_FRAGMENT),
    "plant": Look(PLANT_VERTEX, PLAIN_FRAGMENT),
    "tile": Look(TILE_VERTEX, TILE_FRAGMENT),
    "flat tile": Look(FLAT_TILE_VERTEX, PLAIN_FRAGMENT),
    "water": Look(WATER_VERTEX, WATER_FRAGMENT),
    "flat water": Look(FLAT_WATER_VERTEX, PLAIN_FRAGMENT),
    "shadow": Look(SHADOW_VERTEX, SHADOW_FRAGMENT, BLENDED),
    "ring": Look(RING_VERTEX, RING_FRAGMENT, BLENDED),
    "line": Look(LINE_VERTEX, LINE_FRAGMENT, BLENDED),
    "halo": Look(HALO_VERTEX, HALO_FRAGMENT, BLENDED),
    "smoke": Look(SMOKE_VERTEX, SMOKE_FRAGMENT, BLENDED),
    "sky": Look(SKY_VERTEX, SKY_FRAGMENT, BEHIND),
    "plain sky": Look(SKY_VERTEX, PLAIN_SKY_FRAGMENT, BEHIND),
    "end": Look(NOTHING_VERTEX, NOTHING_FRAGMENT, BEHIND),
}
"""Every look by name."""
