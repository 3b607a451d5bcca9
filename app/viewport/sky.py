"""The shaders of the sky: a colour from the horizon to the zenith, sun or moon, clouds, stars, mist beyond the land."""

from __future__ import annotations

SKY_VERTEX = """
attribute vec2 a_quad;
uniform mat4 u_rays;      // the corners' directions: constant, to the right, upwards, and the eye
varying vec3 v_ray;
void main() {
    v_ray = u_rays[0].xyz + a_quad.x * u_rays[1].xyz + a_quad.y * u_rays[2].xyz;
    gl_Position = vec4(a_quad, 0.99999, 1.0);
}"""
SKY_FRAGMENT = """
uniform mat4 u_light;
uniform mat4 u_air;
uniform mat4 u_rays;
uniform float u_time;
varying vec3 v_ray;
float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }
float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1.0, 0.0)), f.x),
               mix(hash(i + vec2(0.0, 1.0)), hash(i + vec2(1.0, 1.0)), f.x), f.y);
}
float billow(vec2 p) { return 0.55 * noise(p) + 0.28 * noise(2.1 * p + 3.7) + 0.17 * noise(4.3 * p + 9.1); }
void main() {
    vec3 d = normalize(v_ray);
    vec3 sun = u_light[0].xyz;
    vec3 c = mix(u_air[0].rgb, u_air[1].rgb, smoothstep(0.0, 0.55, d.z));
    float s = max(dot(d, sun), 0.0);
    float up = smoothstep(-0.02, 0.10, d.z);
    c += u_air[2].rgb * up * (0.35 * pow(s, 6.0) + 0.5 * pow(s, 60.0) + 3.0 * smoothstep(0.99930, 0.99965, s));
    if (u_air[2].w > 0.0) {                       // clouds pass overhead, and mist lies beyond the land's edge
        if (d.z > 0.03) {
            vec2 p = d.xy / (d.z + 0.12) * 1.6 + vec2(0.008, 0.003) * u_time;
            float thick = smoothstep(0.50, 0.78, billow(p)) * smoothstep(0.03, 0.22, d.z) * u_air[2].w;
            vec3 white = u_light[1].rgb * 0.55 + u_light[2].rgb * 0.85 + u_air[2].rgb * 0.35 * pow(s, 8.0);
            c = mix(c, white, 0.55 * thick);
            vec2 q = vec2(atan(d.y, d.x) * 50.0, d.z * 60.0);
            float star = step(0.982, hash(floor(q))) * (1.0 - smoothstep(0.05, 0.35, length(fract(q) - 0.5)));
            c += u_air[1].w * star * smoothstep(0.05, 0.3, d.z) * (1.0 - thick) * (0.35 + 0.4 * hash(floor(q) + 7.0));
        } else if (d.z < -0.01) {
            vec2 at = u_rays[3].xy + d.xy / -d.z * (u_rays[3].z + 1.0);
            float far = length(max(abs(at) - u_air[3].xy, 0.0)) / u_air[3].z;
            float deep = billow(at * 0.045 + vec2(0.010, 0.004) * u_time) - 0.5;
            float shown = smoothstep(0.7, 1.6, far) * exp(-0.006 * length(at - u_rays[3].xy));
            c *= 1.0 + 0.30 * deep * shown;
        }
    }
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}"""
PLAIN_SKY_FRAGMENT = """
uniform mat4 u_light;
uniform mat4 u_air;
varying vec3 v_ray;
void main() {
    vec3 d = normalize(v_ray);
    float s = max(dot(d, u_light[0].xyz), 0.0);
    s *= s * s;
    vec3 c = mix(u_air[0].rgb, u_air[1].rgb, smoothstep(0.0, 0.55, d.z));
    c += u_air[2].rgb * smoothstep(-0.02, 0.10, d.z) * (0.35 * s * s + 3.0 * smoothstep(0.9980, 0.9990, s));
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}"""
