pragma Singleton
import QtQml

// The only door between QML and Python. The engine sets the context properties before anything is loaded.
QtObject {
    // qmllint disable unqualified
    readonly property var visit: faceVisit
    readonly property var words: faceWords
    readonly property var comfort: faceComfort
    readonly property var lines: faceLines
    readonly property var site: faceSite
    readonly property var keyboard: faceKeyboard
    readonly property var pictures: facePictures
    readonly property var corners: faceCorners
    // qmllint enable unqualified
    readonly property var state: visit.state
}
