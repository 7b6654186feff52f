"""Writes keras_conv.keras, the network of the export of this name. Weights come from a seed; nothing was trained."""

import keras
from keras import layers

keras.utils.set_random_seed(3)
model = keras.Sequential(
    [
        keras.Input((16, 16, 2)),
        layers.Conv2D(8, 3, padding="same", activation="relu", bias_initializer="random_normal"),
        layers.BatchNormalization(moving_mean_initializer="random_normal"),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(12, 3, strides=2, padding="same", activation="swish", bias_initializer="random_normal"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(6, activation="softmax", bias_initializer="random_normal"),
    ]
)
variance = model.layers[1].moving_variance
variance.assign(keras.random.uniform(variance.shape, 0.5, 2.0, seed=3))
model.save("keras_conv.keras")
